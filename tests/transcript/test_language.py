"""LANGUAGE, sections 1 and 8, as they are written: the flow that they show, and its transcripts."""

from __future__ import annotations

from pathlib import Path

from flowbot.library.load import load
from flowbot.transcript.read import read
from flowbot.transcript.run import play

HERE = Path(__file__).parent
FLOW = HERE.parent / "editor" / "language" / "flow.yaml"
PLAIN = (
    *("document_number", "photo_front", "photo_back", "number_wrong", "one_moment", "a_person_will_check", "verified"),
    *("goodbye", "rejected", "locked", "sorry", "opted_out", "help", "come_tomorrow", "send_code"),
)
WORDS = """\
words: {stop: [baja], help: [ayuda], agent: [asesor], exit: [salir]}
consent: {text: May we?, choices: {accept: I accept, decline: I do not}}
document_type: {text: Which document?, choices: {national_id: ID, passport: Passport}}
still_there: {text: Still there?, choices: {later: Later}}
"""
FILES = {
    "flowbot.yaml": """
accounts:
  a:
    timezone: America/Bogota
    default_country: CO
    languages: [es, en]
    contact_fields: {document: text}
    channels: {web: {gateway: simulator}}
    integrations: {crm: {base_url: "https://crm.example", actions: {save: {path: /save}}}}
    verifiers: {document: {url: "https://looks.example", secret: "${env:LOOKS}"}}
""",
    "flows/identity.yaml": FLOW.read_text("utf-8"),
    "flows/survey.yaml": "flow: survey\nstart: {keywords: [survey]}\nsteps: {bye: {succeed: {}}}\n",
    **{
        f"content/{lang}/identity.yaml": WORDS + "".join(f"{key}: The words of {key}.\n" for key in PLAIN)
        for lang in ("es", "en")
    },
    "content/templates/kyc_invite.yaml": "category: utility\nlanguages:\n"
    "  es: {body: Hola., continue: Empezar, cancel: Ahora no}\n"
    "  en: {body: Hello., continue: Begin, cancel: Not now}\n",
    "content/templates/come_back.yaml": "category: utility\nlanguages:\n"
    "  es: {body: Hola., buttons: [{quick_reply: later, text: Luego}]}\n"
    "  en: {body: Hello., buttons: [{quick_reply: later, text: Later}]}\n",
    "flows/identity.test.yaml": (HERE / "language.yaml").read_text("utf-8"),
}


def test_the_flow_and_the_transcripts_of_the_language_s_own_page(tmp_path: Path) -> None:
    """R141, R042, R017, R071."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    library = load(tmp_path, {})
    assert [one for one in library.problems if one.level == "error"] == []
    tests, problems = read(tmp_path / "flows" / "identity.test.yaml", tmp_path)
    assert problems == [] and len(tests) == 3
    for test in tests:
        result = play(test, library)
        assert result.passed, f"{test.name}: {result.message}\n" + "\n".join(result.chat)
