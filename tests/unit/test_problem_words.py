"""Every reason to ask a person has a sentence in both languages."""

import pytest

from relance.domain.problems import Problem
from relance_bot.blocks.words import en, fr


@pytest.mark.parametrize("problem", Problem)
def test_every_problem_is_explained(problem: Problem) -> None:
    assert f"problem.{problem}" in en.ENGLISH
    assert f"problem.{problem}" in fr.FRENCH
