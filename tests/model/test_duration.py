import pytest

from flowbot.model.duration import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("30s", 30_000),
        ("10m", 600_000),
        ("20h", 72_000_000),
        ("3d", 259_200_000),
        ("2w", 1_209_600_000),
        ("1h30m", 5_400_000),
        (" 1h 30m ", 5_400_000),
        ("0s", 0),
    ],
)
def test_a_duration_is_milliseconds(text: str, ms: int) -> None:
    assert parse_duration(text) == ms


@pytest.mark.parametrize("text", ["", "10", "m", "10 minutes", "-3d", "1.5h", "30m1h", "٣d", "10m!", "1h1h"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["30s", "10m", "20h", "3d", "2w", "1h30m", "1w2d3h4m5s"])
def test_formatting_reads_back(text: str) -> None:
    assert format_duration(parse_duration(text)) == text
