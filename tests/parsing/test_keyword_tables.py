"""Where the names of the columns stand in files of this trade, in the languages they come in."""

import pytest

from errors import ArgumentError
from parsing import keyword_tables
from parsing.column_names import field_of
from parsing.names import country_codes, folded, language_codes, table

PLANNER = [
    "Keyword Stats 2026-06-09 at 21_25_18\n",
    '"May 1, 2025 - April 30, 2026"\n',
    "Keyword\tCurrency\tAvg. monthly searches\n",
]

SEARCH_CONSOLE = [
    "Top queries,Clicks,Impressions,CTR,Position",
    "Häufigste Suchanfragen;Klicks;Impressionen;Klickrate;Durchschnittliche Position",
    "Requêtes les plus fréquentes,Clics,Impressions,CTR,Position moyenne",
    "Consultas principales,Clics,Impresiones,CTR,Posición media",
    "Query principali,Clic,Impressioni,CTR,Posizione media",
    "Principais consultas,Cliques,Impressões,CTR,Posição",
    "Populairste zoekopdrachten,Klikken,Vertoningen,CTR,Positie",
    "Najpopularniejsze zapytania,Kliknięcia,Wyświetlenia,CTR,Pozycja",
    "En popüler sorgular,Tıklama,Görüntüleme,CTR,Ortalama konum",
    "Лучшие запросы,Клики,Показы,CTR,Позиция",
    "上位のクエリ,クリック数,表示回数,CTR,掲載順位",
    "热门查询,点击次数,展示次数,点击率,平均排名",
    "熱門查詢項目,點擊,曝光,點閱率,排名",
    "인기 검색어,클릭수,노출,CTR,게재 순위",
    "Vanligaste sökfrågorna,Klick,Visningar,Klickfrekvens,Genomsnittlig position",
    "Nejčastější dotazy,Kliknutí,Zobrazení,CTR,Průměrná pozice",
    "أهم طلبات البحث,النقرات,مرات الظهور,نسبة النقر إلى الظهور,الموضع",
    "שאילתות מובילות,קליקים,חשיפות,שיעור קליקים,מיקום",
    "Cele mai frecvente interogări,Clicuri,Afișări,CTR,Poziție",
    "Najčešći upiti,Klikovi,Pojavljivanja,CTR,Položaj",
    "Najčastejšie dopyty,Kliknutia,Zobrazenia,CTR,Pozícia",
    "Populiariausios užklausos,Paspaudimai,Parodymai,PR,Pozicija",
]


@pytest.mark.parametrize("header", SEARCH_CONSOLE)
def test_search_console_is_known_in_its_languages(header: str) -> None:
    found = keyword_tables.find([header + "\n"])
    assert (found.columns, len(found.names), found.skipped) == ({"keyword": 0}, 5 if ";" in header or "," in header else 0, 1)


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ('"#"\t"Keyword"\t"Country"\t"Volume"\t"Global volume"\t"Parent Keyword"', {"keyword": 1, "country": 2, "volume": 3}),
        ("Keyword,Position,Search Volume,URL,Keyword Intents", {"keyword": 0, "volume": 2}),
        ("Database,Keyword,Seed keyword,Page,Topic,Tags,Volume", {"country": 0, "keyword": 1, "tags": 5, "volume": 6}),
        (
            "Keyword,Location,Tags,Volume,Target URL,Current URL",
            {"keyword": 0, "location": 1, "tags": 2, "volume": 3, "target_url": 4},
        ),
        (
            "ID,Keyword,Position,URL,Country,State,City,Device,Tags",
            {"keyword": 1, "country": 4, "location": 6, "device": 7, "tags": 8},
        ),
        ("No,Keyword,Search Volume,CPC,SEO Difficulty", {"keyword": 1, "volume": 2}),
        ("Suchbegriff;Suchvolumen;Ziel-URL;Gerät;Land", {"keyword": 0, "volume": 1, "target_url": 2, "device": 3, "country": 4}),
        ("Mot clé|Volume de recherche|Étiquettes", {"keyword": 0, "volume": 1, "tags": 2}),
        ("targetUrl,searchVolume,keyword", {"target_url": 0, "volume": 1, "keyword": 2}),
        ("Landing page,Preferred URL,Keyword", {"target_url": 1, "keyword": 2}),
        ("Query,Keyword", {"keyword": 1}),
    ],
)
def test_the_columns_of_the_usual_tools_are_found_by_name(header: str, columns: dict[str, int]) -> None:
    assert keyword_tables.find([header + "\n", "x\n"]).columns == columns


def test_names_may_stand_below_a_title_a_period_and_blank_lines() -> None:
    found = keyword_tables.find(["\n", *PLANNER, "velo\tEUR\t10\n"])
    assert (found.skipped, found.separator, found.columns, found.unused) == (4, "\t", {"keyword": 0, "volume": 2}, ["Currency"])


def test_a_title_that_reads_like_a_column_is_none() -> None:
    found = keyword_tables.find(["Keywords\n", "\n", "Keyword,Volume\n", "a,1\n"])
    assert (found.skipped, found.columns) == (3, {"keyword": 0, "volume": 1})


@pytest.mark.parametrize("first", ["sep=;\n", '"sep=;"\n', "\ufeffSEP=;\r\n"])
def test_a_line_that_names_the_separator_is_believed(first: str) -> None:
    found = keyword_tables.find([first, "Keyword;Volume\n"])
    assert (found.separator, found.skipped, found.columns) == (";", 2, {"keyword": 0, "volume": 1})


def test_a_column_can_be_named() -> None:
    found = keyword_tables.find(["Begriff;Keyword\n"], column="Begriff")
    assert found.columns == {"keyword": 0} and found.unused == ["Keyword"]
    with pytest.raises(ArgumentError, match="no column 'Wort'"):
        keyword_tables.find(["Begriff;Menge\n"], column="Wort")


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["Foo;Bar\n", "a;b\n"], "separated by a semicolon: 'Foo', 'Bar'"),
        (["red shoes,1000\n"], "--list takes each line for a keyword"),
        (["\n"], "there is no text in it"),
        ([], "there is no text in it"),
    ],
)
def test_a_file_without_keywords_says_what_was_seen(lines: list[str], says: str) -> None:
    with pytest.raises(ArgumentError, match=says):
        keyword_tables.find(lines)


def test_a_plain_list_is_taken_only_where_it_is_said_to_be_one() -> None:
    assert keyword_tables.find(["red shoes, size 9\n"], is_list=True) == keyword_tables.Table("\n", columns={"keyword": 0})
    assert keyword_tables.find(["Keyword\n", "a\n"], is_list=True).skipped == 1


@pytest.mark.parametrize(
    "name", ["URL", "Position", "Global volume", "Volume (Global)", "Traffic (%)", "Seed keyword", "Ad group", ""]
)
def test_what_means_something_else_is_no_column_of_ours(name: str) -> None:
    assert field_of(name) is None


def test_no_name_means_two_fields_and_all_are_folded_alike() -> None:
    seen: dict[str, str] = {}
    for field, names in table("column_names.tsv"):
        for name in names:
            assert seen.setdefault(folded(name), field) == field and folded(folded(name)) == folded(name)
    assert all(folded(name) == name for names in (country_codes(), language_codes()) for name in names)
