"""Thirty small sites and five questions about each, for benchmarks/insights.py: written by hand in five languages, six styles.

A fact that a site does not tell is asked for all the same in a third of the questions; its page then names a like fact of
somebody else. Companies, people, addresses and numbers are invented.
"""

import json
from dataclasses import dataclass
from random import Random

FACTS = ("email", "phone", "address", "hours", "founded", "owner", "price", "parking", "cards", "about")

#: Per language: kind of business, what it does, city, street, second street, people, product.
PLACES = {
    "en": [
        (
            "Larkspur Bicycles",
            "We repair bicycles and build wheels for touring riders.",
            "York YO1 7HU",
            "14 Fossgate",
            "Nora Whitfield",
            "a full service",
        ),
        (
            "Tolland & Daughter",
            "A small upholstery workshop: we restore chairs and sofas.",
            "Bath BA1 2LQ",
            "7 Walcot Street",
            "Edith Tolland",
            "a dining chair",
        ),
        (
            "Pine Marten Tours",
            "Guided walks in the hills for small groups, all year round.",
            "Keswick CA12 5JR",
            "22 Lake Road",
            "Callum Reid",
            "a day walk",
        ),
        (
            "Quayside Dental",
            "Dentistry for families, with two hygienists and one orthodontist.",
            "Exeter EX2 4AN",
            "3 The Quay",
            "Dr Priya Raman",
            "a check-up",
        ),
        (
            "Harrow Seeds",
            "We grow and sell vegetable seeds for allotments.",
            "Ludlow SY8 1AA",
            "51 Corve Street",
            "Tom Abney",
            "a seed box",
        ),
        (
            "The Copper Kettle",
            "A tea room serving scones, soups and homemade cakes.",
            "Whitby YO21 3PU",
            "9 Silver Street",
            "Jean Marwood",
            "afternoon tea",
        ),
    ],
    "de": [
        (
            "Schreinerei Albrecht",
            "Wir fertigen Möbel und Treppen aus heimischem Holz.",
            "87435 Kempten",
            "Salzstraße 18",
            "Jonas Albrecht",
            "ein Hocker",
        ),
        (
            "Hofladen Birkenau",
            "Gemüse, Eier und Käse aus eigener Erzeugung.",
            "69488 Birkenau",
            "Talweg 3",
            "Martina Kolb",
            "eine Gemüsekiste",
        ),
        (
            "Fahrschule Nordlicht",
            "Ausbildung für Auto und Motorrad in kleinen Gruppen.",
            "24937 Flensburg",
            "Holm 44",
            "Sönke Petersen",
            "eine Fahrstunde",
        ),
        (
            "Physio am Markt",
            "Krankengymnastik, Massage und Lymphdrainage.",
            "99084 Erfurt",
            "Fischmarkt 9",
            "Heike Zander",
            "eine Massage",
        ),
        (
            "Optik Weiland",
            "Brillen, Kontaktlinsen und Sehtests vom Meister.",
            "54290 Trier",
            "Brotstraße 27",
            "Ulrich Weiland",
            "ein Sehtest",
        ),
        (
            "Blumen Rosenthal",
            "Sträuße, Trauerfloristik und Dekoration für Hochzeiten.",
            "01067 Dresden",
            "Wilsdruffer Straße 6",
            "Anja Rosenthal",
            "ein Brautstrauß",
        ),
    ],
    "fr": [
        (
            "Librairie du Canal",
            "Livres anciens et romans pour la jeunesse, au bord du canal.",
            "31000 Toulouse",
            "12 rue de la Colombette",
            "Hélène Marty",
            "un abonnement",
        ),
        (
            "Atelier Vasseur",
            "Nous restaurons des meubles et des cadres dorés.",
            "59000 Lille",
            "8 rue Basse",
            "Paul Vasseur",
            "une chaise",
        ),
        (
            "Boulangerie Tessier",
            "Pains au levain, brioches et viennoiseries maison.",
            "44000 Nantes",
            "25 rue Crébillon",
            "Luc Tessier",
            "une brioche",
        ),
        (
            "Garage des Alpes",
            "Entretien et réparation de voitures de toutes marques.",
            "38000 Grenoble",
            "90 cours Berriat",
            "Nadia Ferrand",
            "une vidange",
        ),
        (
            "Chai Montrieux",
            "Vins naturels du Loir et dégustations le samedi.",
            "41100 Vendôme",
            "4 rue Poterie",
            "Émile Rousset",
            "une dégustation",
        ),
        (
            "Poterie Kerloc",
            "Grès utilitaire tourné à la main, cours pour débutants.",
            "29000 Quimper",
            "17 rue Kéréon",
            "Anne Kerloc",
            "un cours",
        ),
    ],
    "es": [
        (
            "Taller Orduña",
            "Reparamos relojes y joyas en nuestro propio taller.",
            "50003 Zaragoza",
            "Calle Alfonso I, 21",
            "Pilar Orduña",
            "un cambio de pila",
        ),
        (
            "Casa Belmonte",
            "Cocina de mercado y arroces para grupos.",
            "46001 Valencia",
            "Calle Caballeros, 9",
            "Vicente Belmonte",
            "el menú del día",
        ),
        (
            "Yoga Ribera",
            "Clases de yoga y meditación para todas las edades.",
            "41001 Sevilla",
            "Calle Betis, 33",
            "Lucía Navas",
            "una clase",
        ),
        (
            "Ferretería Lozano",
            "Herramientas, pinturas y copias de llaves.",
            "37001 Salamanca",
            "Calle Zamora, 14",
            "Andrés Lozano",
            "una copia de llave",
        ),
        (
            "Clínica Vega",
            "Fisioterapia deportiva y rehabilitación.",
            "33003 Oviedo",
            "Calle Uría, 40",
            "Elena Vega",
            "una sesión",
        ),
        (
            "Quesos Arroyo",
            "Elaboramos quesos de oveja con leche de la comarca.",
            "10200 Trujillo",
            "Plaza Mayor, 5",
            "Manuel Arroyo",
            "un queso curado",
        ),
    ],
    "it": [
        (
            "Legatoria Bruni",
            "Rileghiamo libri e restauriamo carte antiche.",
            "50122 Firenze",
            "Via dei Neri 18",
            "Chiara Bruni",
            "una rilegatura",
        ),
        (
            "Caseificio Monti",
            "Formaggi di malga e burro fresco ogni mattina.",
            "38122 Trento",
            "Via San Marco 7",
            "Piero Monti",
            "un formaggio",
        ),
        (
            "Officina Sartori",
            "Riparazione di motociclette e ricambi originali.",
            "37121 Verona",
            "Via Cappello 30",
            "Davide Sartori",
            "un tagliando",
        ),
        (
            "Sartoria Leone",
            "Abiti su misura e riparazioni per uomo e donna.",
            "80121 Napoli",
            "Via Chiaia 112",
            "Rosa Leone",
            "un orlo",
        ),
        (
            "Vivaio Piana",
            "Piante da frutto e consigli per il giardino.",
            "06121 Perugia",
            "Via dei Priori 55",
            "Marco Piana",
            "una pianta di melo",
        ),
        (
            "Scuola Onda",
            "Corsi di vela per ragazzi e adulti sul lago.",
            "22100 Como",
            "Lungolario Trento 3",
            "Silvia Conti",
            "un corso",
        ),
    ],
}

#: Per language: how a fact is told, in two ways.
SAYS = {
    "en": {
        "founded": ("The business was founded in {year} in a former stable.", "Established {year}."),
        "owner": ("Today {person} is the owner and runs the place.", "Owner: {person}"),
        "price": ("{Product} costs £{price}.", "{Product}: £{price}"),
        "parking": ("There is free parking behind the building.", "Parking: two spaces in the yard."),
        "cards": ("We accept credit cards and cash.", "Payment: cash or card."),
        "hours": ("Opening hours: Mon-Fri 9:00-17:30, Sat 10:00-14:00",),
        "labels": ("Phone", "Email", "Address", "About us", "Contact"),
    },
    "de": {
        "founded": ("Gegründet wurde der Betrieb im Jahr {year} in einer alten Scheune.", "Seit {year} in der Stadt."),
        "owner": ("Heute ist {person} Inhaber und leitet das Haus.", "Inhaber: {person}"),
        "price": ("{Product} kostet {price} €.", "{Product}: {price} €"),
        "parking": ("Kostenlose Parkplätze finden Sie hinter dem Haus.", "Parken: zwei Plätze im Hof."),
        "cards": ("Sie können bar oder mit Karte zahlen.", "Zahlung: EC-Karte, Kreditkarte, bar."),
        "hours": ("Öffnungszeiten: Mo-Fr 9:00-17:30 Uhr, Sa 10:00-14:00 Uhr",),
        "labels": ("Telefon", "E-Mail", "Adresse", "Über uns", "Kontakt"),
    },
    "fr": {
        "founded": ("La maison a été fondée en {year} dans une ancienne grange.", "Maison créée en {year}."),
        "owner": ("Le gérant est aujourd'hui {person}.", "Gérant : {person}"),
        "price": ("{Product} coûte {price} €.", "{Product} : {price} €"),
        "parking": ("Un parking gratuit se trouve derrière le bâtiment.", "Stationnement : deux places dans la cour."),
        "cards": ("Nous acceptons la carte bancaire et les espèces.", "Paiement : carte bancaire ou espèces."),
        "hours": ("Horaires : lundi-vendredi 9h00-17h30, samedi 10h00-14h00",),
        "labels": ("Téléphone", "E-mail", "Adresse", "À propos", "Contact"),
    },
    "es": {
        "founded": ("La casa fue fundada en {year} en un antiguo molino.", "Fundada en {year}."),
        "owner": ("Hoy {person} es titular del negocio.", "Propietario: {person}"),
        "price": ("{Product} cuesta {price} €.", "{Product}: {price} €"),
        "parking": ("Hay aparcamiento gratuito detrás del edificio.", "Aparcamiento: dos plazas en el patio."),
        "cards": ("Aceptamos tarjetas y efectivo.", "Pago: tarjeta o efectivo."),
        "hours": ("Horario: lunes a viernes 9:00-17:30, sábado 10:00-14:00",),
        "labels": ("Teléfono", "Correo electrónico", "Dirección", "Sobre nosotros", "Contacto"),
    },
    "it": {
        "founded": ("L'azienda è stata fondata nel {year} in un vecchio mulino.", "Fondata nel {year}."),
        "owner": ("Oggi il titolare è {person}.", "Titolare: {person}"),
        "price": ("{Product} costa {price} €.", "{Product}: {price} €"),
        "parking": ("Il parcheggio gratuito è dietro l'edificio.", "Parcheggio: due posti nel cortile."),
        "cards": ("Accettiamo carte e contanti.", "Pagamento: carta o contanti."),
        "hours": ("Orari: lunedì-venerdì 9:00-17:30, sabato 10:00-14:00",),
        "labels": ("Telefono", "Email", "Indirizzo", "Chi siamo", "Contatti"),
    },
}

#: Like facts of somebody else, and sentences that only look like one.
OTHERS = {
    "en": {
        "email": "Website by Pixelmoor: hello@pixelmoor.example",
        "phone": "Web design: Pixelmoor Ltd, phone 01904 496 0111",
        "address": "Our partner Moorland Roasters, 80 Station Road, Leeds LS1 4DY, sells our coffee.",
        "hours": "The summer fair on Saturday begins at 11:00 and ends late.",
        "founded": "In 1987 a great flood reached the cellar of the street.",
        "owner": "Photos by Martin Shaw.",
        "price": "In 2019 we gave £250 to the lifeboats.",
        "parking": "A walk through the park is close by.",
        "cards": "Look at our postcards of the region.",
        "about": "Read our cookie notice before you go on.",
    },
    "de": {
        "email": "Webdesign: Studio Kranich, post@studio-kranich.example",
        "phone": "Umsetzung: Studio Kranich, Telefon 0341 2255880",
        "address": "Unser Partner Mühle Lenz, Hauptstraße 2, 04109 Leipzig, liefert das Mehl.",
        "hours": "Das Hoffest am Samstag beginnt um 11:00 Uhr.",
        "founded": "Im Jahr 1987 stand das Wasser bis zur Treppe.",
        "owner": "Fotos von Martin Schade.",
        "price": "2019 haben wir 250 € für das Tierheim gesammelt.",
        "parking": "Der Stadtpark liegt gleich nebenan.",
        "cards": "Eine Wanderkarte der Gegend hängt am Eingang.",
        "about": "Diese Seite verwendet Cookies.",
    },
    "fr": {
        "email": "Réalisation : Studio Grive, bonjour@studio-grive.example",
        "phone": "Hébergement : Nuage SAS, téléphone 01 70 18 99 00",
        "address": "Notre partenaire Moulin Petit, 6 avenue Foch, 69006 Lyon, nous livre.",
        "hours": "La fête du samedi commence à 11h00.",
        "founded": "En 1987 la rivière est montée jusqu'à la porte.",
        "owner": "Photos : Martin Sorel.",
        "price": "En 2019 nous avons donné 250 € à la ligue.",
        "parking": "Le parc municipal est tout près.",
        "cards": "Une carte des sentiers est affichée à l'entrée.",
        "about": "Ce site utilise des cookies.",
    },
    "es": {
        "email": "Diseño web: Estudio Mirlo, hola@estudio-mirlo.example",
        "phone": "Alojamiento: Nube SL, teléfono 910 48 00 00",
        "address": "Nuestro proveedor Molino Sanz, Calle Mayor, 2, 28013 Madrid, nos sirve la harina.",
        "hours": "La feria del sábado empieza a las 11:00.",
        "founded": "En 1987 el río llegó hasta la puerta.",
        "owner": "Fotos: Martín Sosa.",
        "price": "En 2019 donamos 250 € al refugio.",
        "parking": "El parque municipal está muy cerca.",
        "cards": "Vea nuestras postales de la región.",
        "about": "Este sitio utiliza cookies.",
    },
    "it": {
        "email": "Sito realizzato da Studio Merlo: ciao@studio-merlo.example",
        "phone": "Hosting: Nuvola Srl, telefono 02 8088 1100",
        "address": "Il nostro fornitore Mulino Santi, Via Roma 2, 20121 Milano, ci porta la farina.",
        "hours": "La festa di sabato inizia alle 11:00.",
        "founded": "Nel 1987 il fiume arrivò fino alla porta.",
        "owner": "Foto di Martino Sala.",
        "price": "Nel 2019 abbiamo donato 250 € al rifugio.",
        "parking": "Il parco comunale è molto vicino.",
        "cards": "Una mappa dei sentieri è all'ingresso.",
        "about": "Questo sito usa cookie.",
    },
}

ASKS = {
    "en": {
        "email": "What is the email address?",
        "phone": "How can I call them?",
        "address": "Where are they located?",
        "hours": "When are you open?",
        "founded": "When was the company founded?",
        "owner": "Who owns the business?",
        "price": "How much is {product}?",
        "parking": "Is there parking?",
        "cards": "Can I pay by credit card?",
        "about": "What does the company do?",
    },
    "de": {
        "email": "Wie lautet die E-Mail-Adresse?",
        "phone": "Unter welcher Telefonnummer erreiche ich Sie?",
        "address": "Wo befindet sich der Betrieb?",
        "hours": "Wie sind die Öffnungszeiten?",
        "founded": "Wann wurde die Firma gegründet?",
        "owner": "Wer ist der Inhaber?",
        "price": "Was kostet {product}?",
        "parking": "Gibt es Parkplätze?",
        "cards": "Kann man mit Karte bezahlen?",
        "about": "Was macht die Firma?",
    },
    "fr": {
        "email": "Quelle est l'adresse e-mail ?",
        "phone": "Quel est le numéro de téléphone ?",
        "address": "Où se trouve l'entreprise ?",
        "hours": "Quels sont les horaires ?",
        "founded": "Quand l'entreprise a-t-elle été fondée ?",
        "owner": "Qui est le gérant ?",
        "price": "Combien coûte {product} ?",
        "parking": "Y a-t-il un parking ?",
        "cards": "Peut-on payer par carte ?",
        "about": "Que fait l'entreprise ?",
    },
    "es": {
        "email": "¿Cuál es el correo electrónico?",
        "phone": "¿Cuál es el número de teléfono?",
        "address": "¿Dónde está la empresa?",
        "hours": "¿Cuál es el horario?",
        "founded": "¿Cuándo se fundó la empresa?",
        "owner": "¿Quién es el propietario?",
        "price": "¿Cuánto cuesta {product}?",
        "parking": "¿Hay aparcamiento?",
        "cards": "¿Se puede pagar con tarjeta?",
        "about": "¿A qué se dedica la empresa?",
    },
    "it": {
        "email": "Qual è l'indirizzo email?",
        "phone": "Qual è il numero di telefono?",
        "address": "Dove si trova l'azienda?",
        "hours": "Quali sono gli orari?",
        "founded": "Quando è stata fondata l'azienda?",
        "owner": "Chi è il titolare?",
        "price": "Quanto costa {product}?",
        "parking": "C'è un parcheggio?",
        "cards": "Si può pagare con carta?",
        "about": "Di cosa si occupa l'azienda?",
    },
}

PHONES = {"en": "01904 496 0{n}", "de": "0831 5200{n}", "fr": "05 61 99 {n} 10", "es": "976 21 0{n} 4", "it": "055 2398 {n}"}
SUFFIX = {"en": "co.uk", "de": "de", "fr": "fr", "es": "es", "it": "it"}


@dataclass(frozen=True)
class Sample:
    """A site: its pages by path, and its questions with the text that a right answer has; None = the pages do not say it."""

    url: str
    pages: dict[str, str]
    questions: list[tuple[str, str | None]]


def every() -> list[Sample]:
    """The thirty sites, always the same."""
    return [_sample(language, number) for language in PLACES for number in range(6)]


def _sample(language: str, number: int) -> Sample:
    name, does, city, street, person, product = PLACES[language][number]
    random = Random(f"{language} {number}")
    asked = random.sample(FACTS, 5)
    missing = set(asked[: 1 + (number % 3 != 0)])
    host = "".join(char for char in name.lower() if char.isascii() and char.isalnum())
    url = f"https://www.{host}.{SUFFIX[language]}/"
    truth = {"email": f"info@{host}.{SUFFIX[language]}", "phone": PHONES[language].format(n=random.randint(10, 99))}
    truth |= {"address": city, "street": street, "hours": "17", "founded": str(random.randint(1880, 2015)), "owner": person}
    truth |= {"price": f"{random.randint(5, 90)}", "about": does, "parking": "", "cards": ""}
    said = _said(language, number, truth, product)
    truth |= {"parking": said["parking"], "cards": said["cards"]}
    pages = _pages(language, number, name, truth, {fact: text for fact, text in said.items() if fact not in missing}, random)
    questions = []
    for place, fact in enumerate(asked):
        speaks = "en" if (place + number) % 5 == 4 and fact not in ("price",) else language
        questions.append((ASKS[speaks][fact].format(product=product), None if fact in missing else truth[fact]))
    return Sample(url, pages, questions)


def _said(language: str, number: int, truth: dict[str, str], product: str) -> dict[str, str]:
    says, way = SAYS[language], number % 2
    facts = {"year": truth["founded"], "person": truth["owner"], "price": truth["price"]}
    facts["Product"] = product[0].upper() + product[1:]
    told = {fact: says[fact][way].format(**facts) for fact in ("founded", "owner", "price", "parking", "cards")}
    return told | {
        "hours": says["hours"][0],
        "email": truth["email"],
        "phone": truth["phone"],
        "address": "",
        "about": truth["about"],
    }


def _pages(language: str, style: int, name: str, truth: dict[str, str], said: dict[str, str], random: Random) -> dict[str, str]:
    phone, mail, address, about, contact = SAYS[language]["labels"]
    others = list(OTHERS[language].values())
    random.shuffle(others)
    place = f"{truth['street']}<br>{truth['address']}" if "address" in said else ""
    reach = {
        address: f"{name}<br>{place}" if place else "",
        phone: said.get("phone", ""),
        mail: f"<a href='mailto:{said['email']}'>{said['email']}</a>" if "email" in said else "",
    }
    told = [said[fact] for fact in ("founded", "owner", "parking", "cards", "price") if fact in said]
    hours = [said["hours"]] if "hours" in said else []
    blocks = {"about": [said[fact] for fact in ("about",) if fact in said], "told": told, "hours": hours, "others": others}
    head, body = _styled(style, name, reach, blocks, said, truth)
    nav = f"<nav><a href='/a'>{about}</a> <a href='/c'>{contact}</a></nav>"
    frame = f"<html lang={language}><title>{{title}}</title>{{head}}<body>{nav}{{body}}</body></html>"
    titles = {"/": name, "/about": f"{about} – {name}", "/contact": f"{contact} – {name}"}
    return {path: frame.format(title=titles[path], head=head if path == "/" else "", body=text) for path, text in body.items()}


def _styled(
    style: int, name: str, reach: dict[str, str], blocks: dict[str, list[str]], said: dict[str, str], truth: dict[str, str]
) -> tuple[str, dict[str, str]]:
    """The head of the first page, and the bodies of three pages, in one of six styles."""
    lines = [f"{label}: {value}" for label, value in reach.items() if value]
    others, told, hours, about = blocks["others"], blocks["told"], blocks["hours"], blocks["about"]
    paragraphs = "".join(f"<p>{text}</p>" for text in told)
    noise = "".join(f"<p>{text}</p>" for text in others)
    head = f"<meta name=description content='{about[0]}'>" if about and style in (0, 2, 4) else ""
    intro = "".join(f"<p>{text}</p>" for text in about)
    if style == 0:  # data for machines beside prose
        data = {"@context": "https://schema.org", "@type": "LocalBusiness", "name": name}
        data |= {"telephone": said["phone"]} if "phone" in said else {}
        data |= {"email": said["email"]} if "email" in said else {}
        head += f"<script type='application/ld+json'>{json.dumps(data)}</script>"
    contact = {
        0: f"<address>{'<br>'.join(lines)}</address><p>{''.join(hours)}</p>",
        1: "".join(f"<p>{line}</p>" for line in [*lines, *hours]),
        2: "<table>"
        + "".join(f"<tr><th>{label}</th><td>{value}</td></tr>" for label, value in reach.items() if value)
        + f"</table><p>{''.join(hours)}</p>",
        3: "",
        4: "<dl>"
        + "".join(f"<dt>{label}</dt><dd>{value}</dd>" for label, value in reach.items() if value)
        + "</dl>"
        + "".join(f"<ul><li>{text}</li></ul>" for text in hours),
        5: "<div>" + "<br>".join([*lines, *hours]) + "</div>",
    }[style]
    footer = f"<footer><p>{' · '.join([*lines, *hours])}</p></footer>" if style == 3 else ""
    middle = len(others) // 2
    first = f"<h1>{name}</h1>{intro}{''.join(f'<p>{text}</p>' for text in others[:3])}{footer}"
    second = f"<h2>{name}</h2>{paragraphs}{''.join(f'<p>{text}</p>' for text in others[3 : middle + 2])}{footer}"
    third = f"<h1>{name}</h1>{contact}{''.join(f'<p>{text}</p>' for text in others[middle + 2 :])}{footer}"
    if style == 5:  # all on one page, between what is not asked for
        return head, {"/": f"<h1>{name}</h1>{intro}{noise}{contact}{paragraphs}", "/about": f"<p>{name}</p>", "/contact": contact}
    return head, {"/": first, "/about": second, "/contact": third}
