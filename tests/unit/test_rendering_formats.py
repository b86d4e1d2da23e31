"""In whose way dates and money are written."""

import pytest

from relance.rendering.formats import locale_for


@pytest.mark.parametrize(
    ("language", "wanted", "written"),
    [
        ("fr", "fr", "fr"),
        ("fr", None, "fr"),
        ("fr", "fr_CA", "fr_CA"),
        ("fr", "en", "fr"),
        ("en", "en", "en_GB"),
        ("en", "en-US", "en_US"),
        ("en", "fr", "en_GB"),
        ("de", "de", "de"),
        ("xx", None, "en_GB"),
    ],
)
def test_a_text_is_written_in_its_language_by_the_region_of_its_reader(
    language: str, wanted: str | None, written: str
) -> None:
    assert str(locale_for(language, wanted)) == written
