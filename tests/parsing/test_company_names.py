"""Names, sizes and columns of companies as they come: what is the same has one key, and what is not has two."""

import pytest

from parsing import company_names, company_sizes


@pytest.mark.parametrize(
    "names",
    [
        ("Müller GmbH & Co. KG", "MULLER", "Müller GmbH", "müller gesellschaft mit beschränkter Haftung"),
        ("Acme, Inc.", "ACME Corporation", "Acme Corp.", "The Acme Company", "Acme"),
        ("Barilla S.p.A.", "BARILLA SpA", "Barilla"),
        ("Firma Sp. z o.o.", "Firma sp. z o.o. sp.k.", "firma"),
        ("株式会社トヨタ", "トヨタ株式会社", "トヨタ"),
        ("ООО «Ромашка»", "Ромашка ООО", "ромашка"),
        ("Smith & Sons Ltd", "Smith and Sons Limited", "Smith + Sons"),
        ("Maersk A/S", "Maersk"),
        ("YouTube LLC", "Youtube", "YOUTUBE, Inc"),
        ("De Vries B.V.", "De Vries"),
        ("PT Telkom Tbk", "Telkom"),
        ("Mueller & Soehne GmbH", "Müller & Söhne", "MUELLER UND SOEHNE"),
        ("Hilfsverein gem. GmbH", "Hilfsverein gGmbH", "Hilfsverein"),
        ("S.C. Dacia S.R.L.", "SC Dacia SRL", "Dacia"),
        ("Acme S.A. de C.V.", "ACME SA DE CV", "Acme S. de R.L. de C.V.", "Acme"),
        ("Bar Roma S.n.c. di Rossi Mario & C.", "BAR ROMA SNC", "Bar Roma"),
        ("SARL Dupont", "Dupont S.A.R.L.", "Dupont"),
        ("Ακμή Α.Ε.", "ΑΚΜΗ ΙΚΕ", "Ακμή"),
        ('אקמה בע"מ', "אקמה בע״מ", "אקמה"),
        ("شركة الراجحي", "الراجحي"),
        ("Công ty Cổ phần FPT", "CTCP FPT", "FPT"),
        ("บริษัท ปตท จำกัด (มหาชน)", "ปตท"),
        ("Marel hf.", "Marel"),
        ("JPMorgan Chase & Co.", "JPMorgan Chase"),
        ("Example Pty Limited", "Example Pty. Ltd.", "Example"),
    ],
)
def test_one_company_has_one_key(names: tuple[str, ...]) -> None:
    assert len({company_names.key(name) for name in names}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme Bank", "Acme"),
        ("AG", "GmbH"),
        ("Co-op", "Op"),
        ("1&1 AG", "1 AG"),
        ("A B C", "A B D"),
        ("SC Johnson", "Johnson"),
        ("SAS Institute", "Institute"),
        ("Bauer", "Baur"),
    ],
)
def test_two_companies_have_two_keys(one: str, other: str) -> None:
    assert company_names.key(one) != company_names.key(other)


def test_a_name_of_marks_alone_has_no_key() -> None:
    assert company_names.key("!!!") == "" == company_names.key("")


@pytest.mark.parametrize(
    ("text", "employees"),
    [
        ("2–10", "2-10"),
        ("5001 - 10,000", "5001-10000"),
        ("1.001-5.000 Mitarbeiter", "1001-5000"),
        ("1-5k", "1000-5000"),
        ("more than 500", "500+"),
        ("500 and more", "500+"),
        ("C_1001-5000", "1001-5000"),
        ("bis zu 50", "1-50"),
        ("12 employees in 3 offices", 12),
        ("1 000", 1000),
        ("2.5k", 2500),
        ("≥ 100", "100+"),
        ("≤ 50", "1-50"),
        ("250 et plus", "250+"),
        ("más de 500", "500+"),
        ("mindestens 20", "20+"),
        ("jusqu'à 50", "1-50"),
        ("hasta 10 empleados", "1-10"),
        ("moins de 10", "1-9"),
        ("Between 50 and 100", "50-100"),
        ("zwischen 20 und 49", "20-49"),
        ("11_50", "11-50"),
        ("11..50", "11-50"),
        ("Effectif : 20 à 49", "20-49"),
        ("100-50", None),
        ("02-Oct", None),
        ("1e9", None),
        ("-5", None),
        ("0", None),
        ("$5M", None),
        (True, None),
        (1.5, None),
        (10**12, None),
        ("9" * 300, None),
    ],
)
def test_sizes(text: object, employees: object) -> None:
    assert company_sizes.employees(text) == employees
    assert company_sizes.employees(employees) == employees, "what was read reads the same"
