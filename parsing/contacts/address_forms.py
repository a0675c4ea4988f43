"""How addresses are written, country by country: postcodes, regions, and words of streets.

Every pattern is bounded: its time grows with the text only.
"""

import re

from parsing import regexes

US = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia", "HI": "Hawaii",
    "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana",
    "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi",
    "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire", "NJ": "New Jersey",
    "NM": "New Mexico", "NY": "New York", "NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma",
    "OR": "Oregon", "PA": "Pennsylvania", "PR": "Puerto Rico", "RI": "Rhode Island", "SC": "South Carolina",
    "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont", "VA": "Virginia", "WA": "Washington",
    "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
}  # fmt: skip
CA = {
    "AB": "Alberta", "BC": "British Columbia", "MB": "Manitoba", "NB": "New Brunswick", "NL": "Newfoundland and Labrador",
    "NS": "Nova Scotia", "NT": "Northwest Territories", "NU": "Nunavut", "ON": "Ontario", "PE": "Prince Edward Island",
    "QC": "Quebec", "SK": "Saskatchewan", "YT": "Yukon", "PQ": "Québec",
}  # fmt: skip
AU = {
    "NSW": "New South Wales", "VIC": "Victoria", "QLD": "Queensland", "SA": "South Australia", "WA": "Western Australia",
    "TAS": "Tasmania", "ACT": "Australian Capital Territory", "NT": "Northern Territory",
}  # fmt: skip
_COUNTIES = (
    "avon|bedfordshire|berkshire|buckinghamshire|cambridgeshire|cheshire|cleveland|cornwall|cumbria|"
    "derbyshire|devon|dorset|durham|essex|gloucestershire|hampshire|herefordshire|hertfordshire|humberside|"
    "kent|lancashire|leicestershire|lincolnshire|merseyside|middlesex|norfolk|northamptonshire|"
    "northumberland|nottinghamshire|oxfordshire|rutland|shropshire|somerset|staffordshire|suffolk|surrey|"
    "warwickshire|wiltshire|worcestershire|yorkshire|aberdeenshire|angus|argyll|ayrshire|fife|gwent|"
    "gwynedd|powys|clwyd|dyfed|county durham|co durham|co. durham|east sussex|west sussex|"
    "greater manchester|greater london|tyne and wear|tyne & wear|west midlands|north yorkshire|south yorkshire|"
    "west yorkshire|east yorkshire|isle of wight|co. antrim|county antrim|co. down|county down|mid glamorgan|"
    "south glamorgan|west glamorgan|west lothian|herts|bucks|lancs|middx|notts|leics|staffs|northants|"
    "beds|berks|hants|wilts|worcs|glos"
)
COUNTIES = frozenset(_COUNTIES.split("|"))


def _either(table: dict[str, str]) -> str:
    names = sorted(table.values(), key=len, reverse=True)
    dotted = (r"\.?\s?".join(code) for code in table if len(code) == 2)
    long = (code for code in table if len(code) > 2)
    return f"(?:{'|'.join([*dotted, *long, *(name.replace(' ', ' {1,2}') for name in names)])})"


GAP = r"[\s,.–-]{1,4}"
TITLED = "|".join(code.title() for code in US)
ZIP = regexes.late(
    rf"(?<![\w-])(?P<region>{_either(US)}|(?<=, )(?:{TITLED})|(?i:{'|'.join(US.values())})){GAP}(?P<zip>\d{{5}}"
    rf"(?:-\d{{4}})?)(?![\w-]|,\d)"
)
STATE = regexes.late(rf",\s{{0,2}}(?P<region>{_either(US | CA)})(?![\w'’&-]|\s?\d)")
CANADA = regexes.late(
    rf"(?:(?<!\w)(?P<region>{_either(CA)})\)?(?:{GAP}(?:Canada{GAP})?)?)?(?<!\w)"
    rf"(?P<zip>[ABCEGHJ-NPRSTVXY]\d[A-Z][ -]?\d[A-Z]\d)(?!\w)"
)
AUSTRALIA = regexes.late(rf"(?<!\w)(?P<region>{_either(AU)}){GAP}(?P<zip>\d{{4}})(?![\w-])")
BRITAIN = regexes.late(
    r"(?<![\w/])(?P<zip>(?:GIR ?0AA|(?:[A-PR-UWYZ]\d{1,2}|[A-PR-UWYZ][A-HK-Y]\d{1,2}|[A-PR-UWYZ]\d[A-HJKPSTUW]"
    r"|[A-PR-UWYZ][A-HK-Y]\d[A-HJKMNPR-Y])[ \u00a0]{0,2}\d[ABD-HJLNP-UW-Z]{2}))(?![\w/])"
)
IRELAND = regexes.late(r"(?<!\w)(?P<zip>(?:[AC-FHKNPRTV-Y]\d\d|D6W) ?[\dAC-FHKNPRTV-Y]{4})(?!\w)")
# A town after its postcode: `10115 Berlin`, `D-10115 Berlin`, `1012 AB Amsterdam`, `75001 PARIS CEDEX 01`, `20121 Milano (MI)`.
TOWN = (
    r"(?P<city>[^\W\d_][^\W\d_'’.-]{1,30}(?:[ '’.-]{1,2}(?!(?i:cedex))(?:(?:an|am|im|in|der|den|ob|bei|v|la|le"
    r"|les|de|del|della|di|do|da|sur|sous|en"
    r"|aan|op|a|d|St|e|y|i)\b[.]?[ '’]?)?[^\W\d_][^\W\d_'’.-]{1,30}){0,4})"
)
EUROPE = regexes.late(
    r"(?<![\w.,/+-])(?:(?P<land>D|A|CH|F|E|I|B|L|NL|FL|P|PL|S|SE|DK|FI|FIN|N|CZ|SK|DE|AT|FR|ES|IT|BE|PT|GR|H|HU"
    r"|RO|HR|SI|SLO)[ -]{1,3})?"
    r"(?P<zip>\d{4} ?[A-Z]{2}(?= )|\d{5}-\d{3}|\d{4}-\d{3}|\d{2}-\d{3}|\d{3} \d{2}|\d{4,5})(?! ?[\d%€$])[ \t,]{1,3}(?:[àa] )?"
    + TOWN
    + r"(?P<cedex> ?(?i:cedex)(?: \d{1,2})?)?(?: ?\(?(?P<region>\([A-ZÀ-Ü][\w '-]{1,20}\)|(?<= )[A-Z]{2}(?=\W|$)))?"
)
PREFECTURE = "北海道|東京都|(?:大阪|京都)府|(?:神奈川|和歌山|鹿児島)県|[一-龥]{2}県"
JAPAN = regexes.late(
    rf"(?:(?<![\d-])〒?\s?(?P<zip>\d{{3}}[-－‐ー]?\d{{4}})\s{{0,3}})?(?P<region>{PREFECTURE})\s?"
    r"(?P<city>[一-龥ぁ-んァ-ヶー]{1,8}?郡[一-龥ぁ-んァ-ヶー]{1,6}?[町村]|[一-龥ぁ-んァ-ヶー]{1,7}?市(?:[一-龥]{1,4}区)?|[一-龥]{1,6}?区|[一-龥ぁ-んァ-ヶー]{1,8}?[町村])"
    r"(?P<street>[^\n\t。、,（(]{0,60})"
)

# Where the country stands beside the postcode: `Tokyo 113-0021, Japan`, `Seoul, Korea 135-080`, `Singapore 609930`.
WORLD = regexes.late(
    r"(?<![\w.-])(?P<city>[A-Z][\w'’-]{1,25}(?: [A-Z][\w'’-]{1,25}){0,2})[ ,-]{1,3}(?P<zip>\d{3}-\d{2,4}|\d{3} \d{2,3}|\d{3,7})"
    r"(?![\d-])[ ,.\n]{1,3}(?P<land>[A-Z][A-Za-z.]{2,20}(?: [A-Z][A-Za-z.]{1,20}){0,2})"
)
WORLD_LAST = regexes.late(
    r"(?<![\w.-])(?:(?P<city>[A-Z][\w'’-]{1,25}(?: [A-Z][\w'’-]{1,25}){0,2}),\s{1,2})?"
    r"(?P<land>[A-Z][A-Za-z.]{3,20}(?: [A-Z][A-Za-z]{1,20})?)"
    r"[ ,-]{1,3}(?P<zip>\d{3}-\d{3,4}|\d{3} \d{3}|\d{4,6})(?![\w-])"
)

BRAZIL = regexes.late(
    rf"{TOWN}\s?[-/–,]\s?(?P<region>A[CLMP]|BA|CE|DF|ES|GO|M[AGST]|P[ABEIR]|R[JNORS]|S[CEP]|TO)[\s,.–-]{{1,4}}(?:CEP:?\s?)?"
    r"(?P<zip>\d{5}-\d{3})(?![\d-])"
)

#: Words that make a line a street, by language.
STREET_WORDS = (
    r"street|str|st|avenue|ave?|av|road|rd|boulevard|blvd|bvld|lane|ln|drive|dr|way|court|crt|ct|place|pl|square"
    r"|sq|highway|hwy|freeway"
    r"|parkway|pkwy|pky|pike|turnpike|tpke|terrace|terr?|close|crescent|cres|plaza|plz|circle|cir|route|rte"
    r"|trail|trl|alley|quay|row"
    r"|broadway|expressway|expy|loop|run|path|walk|mews|gardens?|grove|hill|park|green|bridge|bypass|causeway"
    r"|center|centre|parade|pde"
    r"|mall|point|pointe|pt|crossing|xing|landing|ridge|view|embankment|esplanade|yard|wharf|bend|cove|commons?"
    r"|cross|rise|heights|fwy"
)
SUFFIX = regexes.late(
    rf"(?<![\w'])(?:{STREET_WORDS})\b\.?(?:\s{{1,2}}(?:[NSEW]{{1,2}}|north|south|east|west|[ns]\.?[ew])\b\.?)?", re.IGNORECASE
)
UNIT_WORDS = (
    r"suites?|ste|units?|apt|apartment|floor|fl|flr|room|rm|bldg|building|block|level|dept|department|office"
    r"|shop|lot|box|po box|studio"
    r"|flat|bay|tower|stop|mail ?stop|bte|bât|etage|étage|stock|piso|planta|local|etg|og|interno|scala|lte|mza|sm"
)
UNIT = regexes.late(
    rf"(?:(?<!\w)(?:{UNIT_WORDS})\b\.?\s{{0,2}}#?\s?[\w-]{{1,8}}(?: ?[&/-] ?[\w-]{{1,5}})?"
    r"|#\s?[\w-]{1,8}|\d{1,3}(?:st|nd|rd|th|er|e|ème|\.)?\s(?:floor|fl|étage|etage|og|stock|piso|planta)\b\.?)",
    re.IGNORECASE,
)
NUMBERED = regexes.late(
    r"(?:no\.?\s?)?#?\d{1,6}(?:[a-z]|[-–/]\d{1,5}[a-z]?|\s?½)?(?:\s?[&-]\s?\d{1,5})?,?\s+"
    r"(?:[NSEW]{1,2}\.?\s+)?[^\W\d_]|\d{1,5}\s\d{1,3}(?:st|nd|rd|th)\b|(?:one|two|three|four|five|six|seven"
    r"|eight|nine|ten)\s[A-Z]\w",
    re.IGNORECASE,
)
BOX = regexes.late(
    r"(?<!\w)(?:P\.?\s?O\.?\s?|Post\s?Office\s|postal\s)?(?:Box|Drawer|Bag)\s{1,2}#?\d{1,7}\b|\b(?:Postfach"
    r"|Postbus|Boîte postale|B\.?P\.?|Apartado|Casella Postale|Apdo\.?)\s{1,2}[\d ]{1,9}"
    r"|\bRR\s?#?\d+\b|\bR\.R\.\s?#?\d+",
    re.IGNORECASE,
)
# Streets of the continent. The number follows, in France and Luxembourg it comes first.
CONTINENT = regexes.late(
    r"\b(?:straße|platz|allee|weg|ufer|ring) (?:des|der|am|im|zum) [\w. -]{2,30}? \d{1,4}\b|"
    r"[^\W\d_][\w.'’ -]{0,40}?(?:stra(?:ß|ss)e|str\.|weg|platz|gasse|allee|damm|ring|ufer|markt|hof|graben|laan"
    r"|straat|plein|gracht|kade|dijk"
    r"|singel|steeg|dreef|gatan|vägen|vej|gade|vei|veien|gata|katu|tie|utca|út|tér)\s{0,2}(?:nr\.?\s?)?\d{1,4}"
    r"|\b(?:rue|avenue|av\.|boulevard|bd\.?|quai|all[eé]es?|chemin|impasse|cours|route|square|passage|place|z\.?a\.?c?|z\.?i\.?"
    r"|via|viale|v\.le|piazza|p\.zza|piazzale|corso|c\.so|vicolo|largo|strada|lungo\w+|calle|c/|c\.|avenida"
    r"|avda\.?|avd\.?|paseo|p[ºo]\."
    r"|plaza|pza\.?|ronda|carretera|ctra\.?|camino|travesía|glorieta|pol[ií]gono|passeig|carrer|gran vía|rambla"
    r"|rua|praça|travessa|alameda|estrada|rodovia"
    r"|ul\.|ulica|al\.|pl\.|os\.|am|an der|im|in der|auf der|zur|zum|unter den|hinter|alter?|neuer?|große|kleine"
    r"|obere|untere|hohe)\s{1,2}[\w.'’/ºª -]{2,50}?[\s,]{1,3}(?:n[º°.o]{0,2}\s?|nr\.?\s?)?(?:s/n\b|\d{1,5})"
    r"|\b\d{1,4}(?:\s?(?:bis|ter|quater|[a-d])\b)?(?:[-/]\d{1,4})?,?\s{1,2}(?:rue|avenue|av\.?|boulevard|b"
    r"(?:ou)?l?v?d\.?|place|quai|all[eé]es?|chemin|impasse|cours|route"
    r"|square|passage|faubourg|esplanade|sentier|villa|cité|rond|z\.?a\.?|z\.?i\.?)\s",
    re.IGNORECASE,
)
PLAIN_CONTINENT = regexes.late(
    r"[A-ZÀ-Þ][\w.'’-]{2,30}(?:[ -][\w.'’-]{1,30}){0,4},?\s(?:nr\.?\s?)?\d{1,4}(?:\s?[a-zA-Z])?(?:\s?[-–/+]\s?\d{1,4}\s?[a-z]?)?"
)
LANDS = {
    "D": "DE", "A": "AT", "CH": "CH", "F": "FR", "E": "ES", "I": "IT", "B": "BE", "L": "LU", "FL": "LI", "P": "PT", "S": "SE",
    "FIN": "FI", "N": "NO", "H": "HU", "SLO": "SI",
}  # fmt: skip
#: Digits of a postcode in the countries of the continent.
LENGTHS = {
    "DE": 5, "FR": 5, "ES": 5, "IT": 5, "FI": 5, "HR": 5, "TR": 5, "UA": 5, "MX": 5, "AT": 4, "CH": 4, "BE": 4, "LU": 4, "DK": 4,
    "NO": 4, "HU": 4, "SI": 4, "BG": 4, "NL": 4, "LI": 4, "SE": 5, "CZ": 5, "SK": 5, "GR": 5, "PL": 5, "PT": 7, "RO": 6, "BR": 8,
}  # fmt: skip
