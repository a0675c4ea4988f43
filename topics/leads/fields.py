"""The fields of a company: what each fact holds.

field         value                                    field         value
name          text                                     founded       year (int)
legal_name    text, with its legal form                description   text
site          canonical address                        languages     list of codes, e.g. "de"
emails        list                                     social        list of addresses
phones        list, E.164 where it can be told         opening_hours list of lines
address       one line, as it is written               people        list of "name (role)"
postal_code   text                                     technologies  list of names
city          text                                     hiring        open positions (int), or true
region        text                                     news          list of lines that begin with the day
country       ISO 3166-1 alpha-2, e.g. "DE"            updated_site  day on which the site last changed
industry      a name of the table of industries        mx            list of hosts
employees     int, or a range: "11-50", "10001+"       mail_provider name
contact_form  address of the page
"""

NAME, LEGAL_NAME, SITE, EMAILS, PHONES = "name", "legal_name", "site", "emails", "phones"
ADDRESS, POSTAL_CODE, CITY, REGION, COUNTRY = "address", "postal_code", "city", "region", "country"
INDUSTRY, EMPLOYEES, FOUNDED, DESCRIPTION, LANGUAGES = "industry", "employees", "founded", "description", "languages"
SOCIAL, OPENING_HOURS, PEOPLE, TECHNOLOGIES, HIRING = "social", "opening_hours", "people", "technologies", "hiring"
NEWS, UPDATED_SITE, MX, MAIL_PROVIDER, CONTACT_FORM = "news", "updated_site", "mx", "mail_provider", "contact_form"

#: All of them, in the order in which they are shown.
ALL = (
    *(NAME, LEGAL_NAME, SITE, EMAILS, PHONES, ADDRESS, POSTAL_CODE, CITY, REGION, COUNTRY),
    *(INDUSTRY, EMPLOYEES, FOUNDED, DESCRIPTION, LANGUAGES, SOCIAL, OPENING_HOURS, PEOPLE, TECHNOLOGIES, HIRING),
    *(NEWS, UPDATED_SITE, MX, MAIL_PROVIDER, CONTACT_FORM),
)

#: Those that hold a list of texts.
LISTS = frozenset({EMAILS, PHONES, LANGUAGES, SOCIAL, OPENING_HOURS, PEOPLE, TECHNOLOGIES, NEWS, MX})
