"""What the columns of keyword files are called, by the tools of this trade and in the languages they speak.

Taken in November 2026 from exports and importers in public: Google Keyword Planner and Search Console, Ahrefs, Semrush, Moz, SerpBear,
Ubersuggest, AccuRanker, SE Ranking, Mangools, Seobility, Sistrix, Ryte, Naver. Names are compared folded (parsing.names), and a
remark in brackets may follow. In each field the names that stand first count more.
"""

import re
from functools import cache

from parsing.names import folded

#: Fields of a line, each with its names.
NAMES = {
    "keyword": """keyword|keywords|key word|search keyword|keyword text|search term|search terms|search query|search queries|top queries
        |query|queries|search phrase|keyphrase|key phrase|phrase|kw|tracked keyword|target keyword|keyword idea|keyword ideas
        |Häufigste Suchanfragen|Suchanfrage|Suchanfragen|Suchbegriff|Suchbegriffe|Suchwort|Suchwörter|Schlüsselwort|Schlüsselwörter
        |Schlüsselbegriff|Keyword-Idee|Requêtes les plus fréquentes|Requêtes principales|Requête|Requêtes|Mot-clé|Mots-clés|Mot clef
        |Mots clefs|Terme de recherche|Termes de recherche|Expression|Idée de mot clé|Expression clé
        |Consultas principales|Principales consultas|Consultas más frecuentes|Consulta|Consultas|Palabra clave|Palabras clave
        |Término de búsqueda|Términos de búsqueda|Query principali|Query più frequenti|Parola chiave|Parole chiave|Termine di ricerca
        |Termini di ricerca|Principais consultas|Consultas mais frequentes|Palavra-chave|Palavras-chave|Termo de pesquisa|Termo de busca
        |Termos de pesquisa|Populairste zoekopdrachten|Topzoekopdrachten|Zoekopdracht|Zoekopdrachten|Zoekterm|Zoektermen|Zoekwoord
        |Zoekwoorden|Trefwoord|Trefwoorden|Najpopularniejsze zapytania|Najczęstsze zapytania|Zapytanie|Zapytania|Słowo kluczowe
        |Słowa kluczowe|Fraza|Frazy|Wyszukiwane hasło|En popüler sorgular|En çok yapılan sorgular|Sorgu|Sorgular|Anahtar kelime
        |Anahtar kelimeler|Anahtar sözcük|Arama terimi|Лучшие запросы|Самые популярные запросы|Популярные запросы|Поисковый запрос
        |Поисковые запросы|Запрос|Запросы|Ключевое слово|Ключевые слова|Ключевая фраза|Фраза|上位のクエリ|クエリ|キーワード
        |検索キーワード|検索クエリ|検索語句|検索語|热门查询|热门查询项|常见查询|查询|搜索查询|查询词|关键字|关键词|搜索词|搜索字词|熱門查詢|熱門查詢項目|查詢|關鍵字
        |關鍵詞|搜尋字詞|인기 검색어|상위 검색어|검색어|쿼리|키워드|Vanligaste sökfrågorna|Populäraste sökfrågorna|Sökfråga|Sökfrågor|Sökord
        |Sökterm|Nyckelord|Mest almindelige søgeord|Mest populære forespørgsler|Populære forespørgsler|Søgeord|Søgeforespørgsel
        |Forespørgsel|Forespørgsler|Søgeterm|Nøgleord|Mest populære søk|Søkeord|Søkefrase|Søkeforespørsel|Vanligste søk
        |Suosituimmat kyselyt|Suosituimmat haut|Hakusana|Hakusanat|Avainsana|Kysely|Nejčastější dotazy|Dotaz|Dotazy|Klíčové slovo
        |Klíčová slova|Leggyakoribb lekérdezések|Kulcsszó|Kulcsszavak|Lekérdezés|Interogări principale|Cuvânt cheie|Cuvinte cheie
        |Κορυφαία ερωτήματα|Λέξη-κλειδί|Λέξεις-κλειδιά|Популярні запити|Найпопулярніші запити|Запит|Запити|Ключове слово
        |Từ khóa|Cụm từ tìm kiếm hàng đầu|Kueri teratas|Kata kunci|الكلمة الرئيسية|الكلمات الرئيسية|كلمة رئيسية|מילת מפתח|מילות מפתח""",
    "project": "project|project id|Projekt|Projet|Proyecto|Progetto|Projeto|Проект|プロジェクト|项目|프로젝트",
    "domain": """domain|domain name|website|web site|site|host|hostname|property|tracked domain|Domaine|Dominio|Domínio|Domein|Domena
        |Домен|Сайт|Alan adı|ドメイン|サイト|域名|網域|网站|도메인|사이트|Webbplats|Domän|Domæne|Domene|Webseite|Website-Domain|Sitio web""",
    "volume": """search volume|volume|avg monthly searches|average monthly searches|avg monthly searches exact match only|monthly searches
        |monthly volume|monthly search volume|local search volume|local volume|avg search volume|average search volume|searches
        |search vol|search vol per month|volume search|search volume per month|sv|vol|searches per month|msv|kw volume|keyword volume
        |Suchvolumen|Durchschn. Suchanfragen pro Monat|Durchschnittl. Suchanfragen pro Monat|Durchschnittliche monatliche Suchanfragen
        |Durchschnittliche Suchanfragen pro Monat|Ø Suchanfragen pro Monat|Suchanfragen pro Monat|Suchanfragen/Monat|Volumen
        |Monatliches Suchvolumen|Volume de recherche|Volume de recherches|Volume mensuel|Nombre moyen de recherches mensuelles
        |Recherches mensuelles moyennes|Nbre moy. de recherches mensuelles|Nombre de recherches mensuelles|Recherches mensuelles
        |Recherches par mois|Volumen de búsqueda|Volumen de búsquedas|Promedio de búsquedas mensuales|Búsquedas mensuales
        |Prom. de búsquedas mensuales|Media de búsquedas mensuales|Búsquedas mensuales promedio|Volumen mensual|Volume di ricerca
        |Volume ricerche|Volume di ricerca mensile|Media ricerche mensili|Ricerche mensili medie|Ricerche mensili|Volume de pesquisa
        |Volume de pesquisas|Volume de busca|Volume de buscas|Média de pesquisas mensais|Média de pesquisas por mês|Pesquisas mensais
        |Zoekvolume|Gem. aantal zoekopdrachten per maand|Gemiddeld aantal zoekopdrachten per maand|Gem. maandelijkse zoekopdrachten
        |Maandelijks zoekvolume|Liczba wyszukiwań|Wolumen|Wolumen wyszukiwań|Śr. mies. liczba wyszukiwań
        |Średnia miesięczna liczba wyszukiwań|Śr. liczba wyszukiwań miesięcznie|Miesięczna liczba wyszukiwań|Arama hacmi
        |Ort. aylık arama sayısı|Ortalama aylık arama sayısı|Aylık ortalama arama sayısı|Aylık arama|Hacim|Частота|Частотность
        |Объем поиска|Среднее число запросов в месяц|Сред. число запросов в месяц|Ср. число запросов в месяц|Запросов в месяц
        |検索ボリューム|月間検索ボリューム|月間平均検索ボリューム|月間検索数|検索数|搜索量|月搜索量|月均搜索量|每月搜索量|平均每月搜索量|搜尋量|每月搜尋量|平均每月搜尋量|검색량|월간 검색량
        |월평균 검색량|월간 평균 검색량|월평균 검색수|Sökvolym|Genomsnittligt antal sökningar per månad|Gsn. sökningar per månad|Sökningar per månad
        |Søgevolumen|Gns. månedlige søgninger|Gennemsnitlige månedlige søgninger|Søgninger pr. måned|Søkevolum
        |Gj.sn. månedlige søk|Gjennomsnittlige månedlige søk|Hakuvolyymi|Hakumäärä|Kuukausittaiset haut keskimäärin|Objem vyhledávání
        |Hledanost|Průměrný měsíční počet vyhledávání|Keresési volumen|Havi keresések átlaga|Volum de căutare|Όγκος αναζήτησης
        |Обсяг пошуку|Lượng tìm kiếm|Volume pencarian""",
    "tags": """tags|tag|keyword tags|labels|label|keyword labels|Etiketten|Schlagwörter|Schlagworte|Étiquettes|Étiquette|Libellés
        |Etiquetas|Etiqueta|Etichette|Marcadores|Tagi|Etykiety|Etiketler|Теги|Тег|Метки|Метка|タグ|ラベル|标签|標籤|태그|라벨|Taggar|Etiketter
        |Štítky|Címkék|Etichete|group|groups|keyword group|group name|keyword groups|Gruppe|Gruppen|Keyword-Gruppe|Groupe|Grupo|Gruppo
        |Groep|Grupa|Группа|グループ|分组|그룹|Grupp""",
    "target_url": """target url|target page|targeted url|target landing page|preferred landing page|preferred url|preferred page
        |desired url|expected url|assigned url|assigned page|mapped url|landing page url|landing page|landingpage|destination url
        |Ziel-URL|Zielseite|Ziel-Seite|Wunsch-URL|Zielurl|URL cible|Page cible|Page de destination|Page d'atterrissage|URL objetivo
        |URL de destino|Página objetivo|Página de destino|URL di destinazione|Pagina di destinazione|Pagina di arrivo|URL target|Página alvo
        |Doel-URL|Doelpagina|Bestemmingspagina|Landingspagina|Docelowy URL|Docelowy adres URL|Strona docelowa|Hedef URL|Hedef sayfa
        |Açılış sayfası|Целевой URL|Целевая страница|Посадочная страница|対象URL|目標URL|ターゲットURL|ランディングページ|目标网址|目标URL|目标页面|着陆页|到達網頁
        |目標網址|대상 URL|타겟 URL|랜딩 페이지|Mål-URL|Målsida|Målside|Landningssida|Landingsside|Cílová URL|Cílová stránka""",
    "country": """country|country code|search country|target country|geo|gl|database|market country|Land|Ländercode|Pays|Code pays|País|Pais
        |Código de país|Paese|Landcode|Kraj|Kod kraju|Ülke|Страна|国|国コード|国家|国家/地区|國家|國家/地區|국가|Maa|Země|Ország|Țară|Χώρα|Країна""",
    "device": """device|device type|devices|platform|Gerät|Gerätetyp|Geräte|Endgerät|Appareil|Type d'appareil|Terminal|Dispositivo
        |Tipo de dispositivo|Tipo di dispositivo|Apparaat|Apparaattype|Urządzenie|Typ urządzenia|Cihaz|Cihaz türü|Устройство
        |Тип устройства|デバイス|端末|设备|设备类型|裝置|기기|기기 유형|디바이스|Enhet|Enhetstyp|Enhed|Enhedstype|Laite|Zařízení|Eszköz|Dispozitiv""",
    "language": """language|language code|search language|lang|hl|Sprache|Sprachcode|Langue|Code langue|Idioma|Código de idioma|Lingua
        |Língua|Taal|Taalcode|Język|Dil|Язык|言語|语言|語言|언어|Språk|Sprog|Kieli|Jazyk|Nyelv|Limbă|Γλώσσα|Мова""",
    "locale": """locale|market|search locale|locale code|Gebietsschema|Ländereinstellung""",
    "location": """location|search location|location name|geo location|city|town|Standort|Ort|Stadt|Lieu|Emplacement|Zone géographique
        |Ville|Ubicación|Ciudad|Località|Posizione geografica|Città|Localização|Cidade|Locatie|Plaats|Stad|Lokalizacja|Miasto|Konum|Şehir
        |Местоположение|Регион|Город|地域|場所|都市|位置|地理位置|城市|위치|도시|Plats|Placering|Sted|By""",
    "engine": """search engine|engine|search engines|Suchmaschine|Moteur de recherche|Moteur|Buscador|Motor de búsqueda
        |Motore di ricerca|Motor de busca|Zoekmachine|Wyszukiwarka|Arama motoru|Поисковая система|Поисковик|検索エンジン|搜索引擎|搜尋引擎|검색엔진
        |검색 엔진|Sökmotor|Søgemaskine|Søkemotor""",
}

#: Remarks in brackets that make another figure of a column: not the searches of one country.
WORLD = re.compile(r"\((?:global|world|all countries|weltweit|monde|mundial)", re.IGNORECASE)

REMARK = re.compile(r"\s*[(\[（【][^)\]）】]*[)\]）】]\s*$")


@cache
def _fields() -> dict[str, tuple[int, str]]:
    """Folded name → (its place in the list, the field)."""
    found: dict[str, tuple[int, str]] = {}
    for field, names in NAMES.items():
        for place, name in enumerate(names.split("|")):
            found.setdefault(folded(name), (place, field))
    return found


def field_of(name: str) -> tuple[int, str] | None:
    """(how much less it counts than other names of the field, the field) that a column of this name holds; None = none of ours.

    >>> field_of("Search Volume (US)"), field_of("Global volume"), field_of("上位のクエリ")[1]
    ((0, 'volume'), None, 'keyword')
    """
    name = name.replace("\ufeff", "")
    known = _fields().get(folded(name))
    if known or WORLD.search(name):
        return known
    bare = REMARK.sub("", name)
    return _fields().get(folded(bare)) if bare != name else None
