"""The forms of a page: which there are, what they are for, what their fields are."""

import pytest

import models
from errors import DataError
from parsing import forms, tree

URL = "https://shop.example/account/start?x=1"
LOGIN = (
    "<form action=../session method=POST id=login-form><input type=hidden name=authenticity_token value=t0>"
    "<label for=u>E-mail address *</label><input id=u name=user[email] type=email required maxlength=80 autocomplete='username'>"
    "<label>Password <input name=user[password] type=password required></label>"
    "<label><input type=checkbox name=remember_me> Remember me</label><button>Log in</button></form>"
)


def found(html: str) -> list[models.Form]:
    return forms.discover(html, url=URL)


def one(html: str) -> models.Form:
    [form] = found(html)
    return form


def types(form: models.Form) -> dict[str, str]:
    return {field.name: field.field_type for field in form.fields}


def test_a_login_form_is_told_with_everything_it_says() -> None:
    form = one(LOGIN)
    assert (form.form_type, form.purpose, form.method, form.action) == ("login", "login", "post", "https://shop.example/session")
    assert form.has_csrf and not form.has_captcha and not form.is_formless and form.hidden == {"authenticity_token": "t0"}
    assert [field.field_type for field in form.fields] == ["email", "password", "remember me checkbox", "submit button"]
    email = form.fields[0]
    assert (email.label, email.required, email.autocomplete) == ("E-mail address", True, "username")
    assert email.constraints == {"maxlength": "80"} and form.fields[1].label == "Password"
    assert form.steps == ("fill: E-mail address", "fill: Password", "submit: Log in")
    assert 0.5 < form.confidence <= 1 and all(0 <= field.confidence <= 1 for field in form.fields)


PASSWORD_PAGES = [
    ("Anmelden", "Benutzername", "Passwort", "benutzer", "kennwort"),
    ("Se connecter", "Nom d'utilisateur", "Mot de passe", "utilisateur", "motdepasse"),
    ("Iniciar sesión", "Nombre de usuario", "Contraseña", "usuario", "contrasena"),
    ("Войти", "Логин", "Пароль", "a1", "a2"),
    ("ログイン", "ユーザー名", "パスワード", "a1", "a2"),
    ("Zaloguj się", "Nazwa użytkownika", "Hasło", "a1", "a2"),
    ("Entrar", "Usuário", "Senha", "a1", "a2"),
    ("Inloggen", "Gebruikersnaam", "Wachtwoord", "a1", "a2"),
]


@pytest.mark.parametrize(("button", "user", "word", "name", "other"), PASSWORD_PAGES)
def test_a_login_form_is_told_in_many_languages(button: str, user: str, word: str, name: str, other: str) -> None:
    form = one(f"<form method=post><p>{user}: <input name={name}><p>{word}: <input type=password name={other}><button>{button}")
    assert form.form_type == "login"
    assert types(form) == {name: "username", other: "password", "": "submit button"}


OTHERS = [
    ("search", "<form action=/suche><input name=q placeholder='Produkte suchen'><button>Suchen</button></form>"),
    ("search", "<form><input type=search name=s placeholder='検索'><input type=submit value='検索'></form>"),
    ("join mailing list", "<form method=post><h3>Newsletter</h3><input type=email name=email><button>Abonnieren</button></form>"),
    (
        "join mailing list",
        "<form method=post class=newsletter><input name=e placeholder='E-mail'><button>S'abonner</button></form>",
    ),
    (
        "contact/comment",
        "<form method=post action=/kontakt><label>Ihr Name <input name=name></label><label>E-Mail <input name=mail></label>"
        "<label>Nachricht <textarea name=nachricht></textarea></label><button>Absenden</button></form>",
    ),
    (
        "contact/comment",
        "<form method=post><p>Ваше имя <input name=name><p>Почта <input name=email><p>Сообщение <textarea name=text></textarea>"
        "<button>Отправить</button></form>",
    ),
    (
        "password/login recovery",
        "<h1>Forgot your password?</h1><form method=post action=/reset><label>E-mail <input type=email name=email></label>"
        "<button>Send me a new password</button></form>",
    ),
    (
        "registration",
        "<form method=post action=/signup><input name=firstname><input name=lastname placeholder='Last name'>"
        "<input type=email name=email><input type=password name=password><input type=password name=password_confirm>"
        "<label><input type=checkbox name=terms> I accept the terms</label><button>Create account</button></form>",
    ),
    ("order/add to cart", "<form method=post action=/cart/add><input name=quantity value=1><button>Add to cart</button></form>"),
]


@pytest.mark.parametrize(("form_type", "html"), OTHERS)
def test_the_types_of_forms_are_told(form_type: str, html: str) -> None:
    assert one(html).form_type == form_type


def test_the_fields_of_a_registration_are_told() -> None:
    fields = list(types(one(dict(OTHERS)["registration"])).values())
    assert fields == [
        "first name",
        "last name",
        "email",
        "password",
        "password confirmation",
        "TOS confirmation",
        "submit button",
    ]


def test_forms_come_in_the_order_of_the_page_and_an_empty_one_is_one() -> None:
    page = f"<form id=a></form>{LOGIN}<form id=b><input name=q></form>"
    assert [len(form.fields) for form in found(page)] == [0, 4, 1]
    assert found("") == found("<p>text</p>") == []


def test_a_field_belongs_to_the_form_that_it_names() -> None:
    first, second = found("<form id=a><input name=x></form><input name=y form=a><form><input name=z form=a></form>")
    assert [field.name for field in first.fields] == ["x", "y", "z"] and second.fields == ()


def test_a_form_in_a_table_has_its_fields_and_a_form_in_a_form_its_own() -> None:
    assert [field.name for field in one("<table><form><tr><td><input name=a></td></tr></form></table>").fields] == ["a"]
    outer, inner = found("<form><input name=a><form><input name=b></form><input name=c></form>")
    assert ([field.name for field in outer.fields], [field.name for field in inner.fields]) == (["a", "c"], ["b"])


def test_radio_buttons_and_boxes_of_one_name_are_one_field_with_options() -> None:
    form = one(
        "<form>Size <label><input type=radio name=size value=S required> small</label><input type=radio name=size value=L> large"
        "<select name=c><option value=de>Germany<option value=fr>France</select></form>"
    )
    size, country = form.fields
    assert (size.type, size.options, size.required) == ("radio", ("S", "L"), True)
    assert (country.type, country.options) == ("select", ("Germany", "France"))


def test_a_shadow_template_is_read_and_scripts_and_comments_are_not() -> None:
    page = "<x-login><template shadowrootmode=open><form><input name=a></form></template></x-login>"
    assert [field.name for field in one(page).fields] == ["a"]
    assert found("<script>'<form><input name=a></form>'</script><!-- <form><input></form> -->") == []


def test_a_captcha_is_seen_by_its_widget_frame_or_field() -> None:
    for sign in ("<div class=g-recaptcha>", "<iframe src=https://challenges.cloudflare.com/x>", "<input name=captcha_code>"):
        form = one(f"<form method=post><textarea name=message></textarea>{sign}<button>Send</button></form>")
        assert form.has_captcha and "solve: captcha" in form.steps
    assert not one("<form><input name=q></form>").has_captcha


def test_the_signature_knows_the_structure_and_not_the_values() -> None:
    same = LOGIN.replace("value=t0", "value=t1").replace("Log in", "Anmelden")
    other = LOGIN.replace("name=remember_me", "name=keep")
    assert one(LOGIN).signature == one(same).signature != one(other).signature
    assert len(one(LOGIN).signature) == 32


def test_the_target_is_absolute_by_the_base_or_empty() -> None:
    assert one("<base href=/de/><form action=go></form>").action == "https://shop.example/de/go"
    assert one("<form></form>").action == URL
    assert one("<form action='javascript:send()'></form>").action == ""


def test_a_page_that_is_too_large_is_refused() -> None:
    with pytest.raises(DataError):
        found("x" * (tree.MAX_CHARACTERS + 1))
