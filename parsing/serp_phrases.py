"""What Google's result pages say about themselves, by language. The lower-case sentences match parts of the visible text.

Google has worded these notices anew several times, so each language has several. They decide only where structure does not
(`serp_classes`).
"""

# "Your search did not match any documents", "No results found for …" (wordings of 2012-2026)
NOTHING_FOUND = {
    "ar": ("في مطابقة أية مستندات", "لم يتم العثور على", "لا توجد نتائج", "لا تتطابق مع أي مستند"),
    "bg": ("не съответства на нито един", "няма намерени резултати"),
    "ca": ("no coincideix amb cap document", "no s'ha trobat cap"),
    "cs": ("neodpovídají žádné dokumenty", "nebyly nalezeny žádné"),
    "da": ("matchede ikke nogen dokumenter", "ingen resultater fundet", "ikke fundet nogen resultater"),
    "de": (
        "übereinstimmenden dokumente gefunden", "stimmt mit keinem dokument überein", "keine ergebnisse für",
        "keine ergebnisse gefunden",
    ),
    "el": ("δεν βρέθηκαν αποτελέσματα", "δεν αντιστοιχεί σε κανένα έγγραφο", "δεν βρήκε έγγραφα"),
    "en": ("did not match any documents", "no results found for", "no results containing all your search terms were found"),
    "es": (
        "no se han encontrado resultados", "no se encontraron resultados", "no se ha encontrado ningún resultado",
        "no coincide con ningún documento", "no obtuvo ningún resultado", "no produjo ningún documento",
    ),
    "fa": ("هیچ سندی مطابقت ندارد", "نتیجه‌ای یافت نشد", "نتیجه‌ای پیدا نشد"),
    "fi": ("ei vastannut yhtään asiakirjaa", "ei vastaa yhtään dokumenttia", "ei löytynyt tuloksia"),
    "fr": ("aucun document ne correspond", "ne correspond à aucun document", "aucun résultat trouvé pour", "aucun résultat pour"),
    "he": ("לא תאם לאף מסמך", "לא התאים לאף מסמך", "לא נמצאו תוצאות", "לא נמצאו מסמכים"),
    "hi": ("किसी भी दस्तावेज़ से मेल नहीं", "कोई परिणाम नहीं मिला"),
    "hu": ("egyetlen dokumentummal sem egyezik", "egyetlen dokumentum sem", "nincs találat a következőre"),
    "id": ("tidak cocok dengan dokumen apa pun", "tidak ditemukan hasil"),
    "it": ("non ha prodotto risultati in nessun documento", "nessun risultato trovato per", "nessun risultato per"),
    "ja": (
        "一致する情報は見つかりませんでした", "一致する検索結果は見つかりませんでした",
        "一致するウェブページは見つかりませんでした",
    ),
    "ko": ("일치하는 검색결과가 없습니다", "검색결과가 없습니다", "일치하는 문서가 없습니다"),
    "nl": (
        "geen overeenkomstige documenten", "geen documenten gevonden", "geen resultaten gevonden voor",
        "komt met geen enkel document overeen",
    ),
    "no": ("samsvarte ikke med noen dokumenter", "fant ingen resultater for", "ingen resultater for"),
    "pl": ("nie została odnaleziona", "nie pasuje do żadnego dokumentu", "nie znaleziono wyników", "brak wyników dla"),
    "pt": (
        "não encontrou nenhum documento correspondente", "não encontrou nenhum documento", "não corresponde a nenhum documento",
        "nenhum resultado encontrado para", "não foram encontrados resultados",
    ),
    "ro": ("nu corespunde niciunui document", "nu a găsit niciun document", "nu s-au găsit rezultate"),
    "ru": ("ничего не найдено", "не найдено ни одного документа", "нет результатов для"),
    "sv": ("matchade inte något dokument", "matchade inga dokument", "inga resultat hittades"),
    "th": ("ไม่ตรงกับเอกสารใด", "ไม่พบผลลัพธ์", "ไม่พบเอกสาร"),
    "tr": ("hiçbir belge bulunamadı", "hiçbir dokümanla eşleşmedi", "hiçbir sonuç bulunamadı", "ile ilgili hiçbir sonuç"),
    "uk": ("нічого не знайдено", "не знайдено жодного документа"),
    "vi": ("không khớp với tài liệu nào", "không tìm thấy kết quả nào", "trong tài liệu nào"),
    "zh": ("找不到和您查询的", "找不到符合搜尋字詞", "找不到與您的查詢", "未找到符合", "没有找到", "沒有找到", "未找到与"),
}  # fmt: skip

# The page behind a block, where its markup is unknown (2010-2026, always English where it was recorded)
BLOCKED = ("unusual traffic from your computer network", "may be sending automated queries", "/sorry/index?continue=")

# The page that asks for JavaScript (2025-2026)
NEEDS_SCRIPT = ("turn on javascript to keep searching", "please enable javascript to continue")


def says_nothing_found(text: str) -> bool:
    """Whether a notice has one of the sentences. The caller takes the user's words out of the notice first.

    >>> says_nothing_found("Your search -  - did not match any documents."), says_nothing_found("Oak tables")
    (True, False)
    """
    lower = " ".join(text.split()).casefold()
    return any(phrase in lower for phrases in NOTHING_FOUND.values() for phrase in phrases)
