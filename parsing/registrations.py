"""Words before numbers by which companies, goods, accounts and cases are registered: such a number is no telephone."""

from parsing import regexes

BACK_CHARS = 40

#: Short ones are written in capitals: `cin` or `ape` in small letters are other words.
CAPITALS = (
    r"(?:P\. ?)?IVA|P\. ?I\.|C\. ?F\.|CF|REA|SDI|SIRET|SIREN|RCS|TVA|APE|NAF|VAT|ABN|ACN|EIN|DUNS|CNPJ|CPF|NIP|REGON|KRS|IČO?|DIČ"
    r"|HRB|HRA|UID|IBAN|BIC|BLZ|SWIFT|ISBN|ISSN|EAN|UPC|GTIN|SKU|ASIN|KVK|KvK|BTW|CVR|GSTIN|CIN|PAN|CIF|NIF|RUT|NIT|CUIT|RFC"
    r"|NPI|USDOT|OIB|MB|PIB|CUI|VKN|ИНН|ОГРН|КПП|БИК|ОКПО|ЕИК|ΑΦΜ"
)
WORDS = (
    r"partita iva|cod(?:ice)?\.? fisc(?:ale|\.)?|numero rea|steuernummer|steuer-?nr|st\.-?nr|ust\.?-?id(?:-?nr)?|handelsregister"
    r"|konto|kto|kontonummer|spendenkonto|bankgiro|plusgiro|postgiro|org(?:anisations)?\.?-?(?:nr|nummer)|y-tunnus"
    r"|routing|d-u-n-s|company reg(?:istration)?|registered charity|charity|companies house|tax id"
    r"|(?:part|item|order|invoice|account|acct|model|case|serial|licen[cs]e|lic|ref(?:erence)?|company|registration|reg)"
    r"\.? ?(?:no|nr|number|num|id|#)|part\#|sku|gtin|isbn"
)
PLAIN = (
    r"統一編號|統編|登録番号|法人番号|사업자등록번호|사업자번호|사업자 등록번호|통신판매업(?:신고)?"
    r"|备案号|公网安备|统一社会信用代码|р/с|к/с"
)
NUMBER = r"[\s.:：#№°º|/-]{0,6}(?:(?i:no|nr|number|nummer|n)\b)?[\s.:：#№°º]{0,4}"
BEFORE = regexes.late(rf"(?:(?<!\w)(?:{CAPITALS}|(?i:{WORDS}))|{PLAIN})(?!\w){NUMBER}\Z")


def is_one(text: str, at: int) -> bool:
    """Whether the words right before a place say that the number there is one of a register.

    >>> is_one("P. IVA 01234567890", 7), is_one("VAT no. 123", 8), is_one("P 02 1234567", 2), is_one("To order: 0800 1", 10)
    (True, True, False, False)
    """
    return BEFORE.search(text[max(at - BACK_CHARS, 0) : at]) is not None
