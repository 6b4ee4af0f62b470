"""Texts that code compares groups and columns with are found, others are not."""

from pathlib import Path

from strangler.verify.code_texts import CodeTexts

VIEWS = """
def managers(user, order, stage):
    Order.objects.filter(state="paid", note__in=["late", "lost"], title__icontains="part")
    if order.kind == "gift" or user.role in ("editor", "author") or stage == "no column":
        return Group.objects.get(name="Sellers")
    return user.groups.filter(name="Managers") or User.objects.filter(groups__name__in=["Crew"])
"""


def test_groups_and_columns_have_the_texts_of_the_code(tmp_path: Path) -> None:
    (tmp_path / "views.py").write_text(VIEWS)
    found = CodeTexts.of(tmp_path)
    assert sorted(found.groups) == ["Crew", "Managers", "Sellers"]
    assert found.columns["state"] == ["paid"]
    assert found.columns["note"] == ["late", "lost"]
    assert found.columns["kind"] == ["gift"]
    assert found.columns["role"] == ["editor", "author"]
    assert "stage" not in found.columns
    assert "name" not in found.columns  # those of groups are no columns of other rows


def test_what_is_no_part_of_the_running_project_says_nothing(tmp_path: Path) -> None:
    for place in ("venv/lib/a.py", "migrations/b.py", ".cache/c.py", "shop/test_d.py"):
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(VIEWS)
    (tmp_path / "venv" / "pyvenv.cfg").write_text("")
    (tmp_path / "broken.py").write_text("def (")
    found = CodeTexts.of(tmp_path)
    assert (found.groups, found.columns) == ([], {})
