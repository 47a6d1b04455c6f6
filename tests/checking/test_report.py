"""The report as an object, as text, as HTML and as plain data."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import numpy as np
import pytest

from tinygrad_edu.checking.derivation import check_derivation
from tinygrad_edu.checking.findings import NodeFinding, Row, row_of
from tinygrad_edu.checking.report import GradReport
from tinygrad_edu.checking.tolerance import judge


def row(name, status="PASS", note="", resolution=8e-13):
    judged = judge(-0.1, -0.1 if status == "PASS" else 0.1, 1e-16, 1e-16)
    return row_of(name, (5, 4), judged, index=(2, 0), status=status, note=note)


def finding(**changes):
    fields = {
        "op": "tanh",
        "status": "FAIL",
        "kind": "wrong sign",
        "message": "analytic = -1 x numeric",
        "number": 10,
        "location": "net.py:42",
        "source": "h = tanh(x @ W1 + b1)",
        "position": 0,
        "input_name": "input 0",
        "index": (2, 1),
        "analytic": -0.183,
        "numeric": 0.183,
    }
    return NodeFinding(**{**fields, **changes})


def failed(rows=3, nodes=1):
    return GradReport(
        "FAIL",
        [row(f"W{k}", "FAIL", "downstream of tanh") for k in range(rows)] + [row("b2")],
        [finding(number=k) for k in range(nodes)],
        method="complex step",
        call="gradcheck(net, x, W1)",
    )


def test_only_a_pass_is_true():
    assert GradReport("PASS")
    for verdict in ("FAIL", "INCONCLUSIVE", "NONDETERMINISTIC", "INVALID"):
        assert not GradReport(verdict)


def test_text_has_op_line_index_and_kind():
    text = repr(failed())
    for words in ("FAIL", "3 of 4", "cause: 1 op", "tanh #0", "net.py:42", "WRONG SIGN", "(2,1)"):
        assert words in text
    assert "downstream of tanh" in text


@pytest.mark.parametrize(("rows", "nodes"), [(0, 0), (3, 1), (100, 1), (100, 40), (1, 7)])
def test_text_fits(rows, nodes):
    report = failed(rows, nodes)
    report.notes = ["a note " * 40] * 5
    report.problems = ["a problem " * 30]
    lines = repr(report).split("\n")
    assert len(lines) <= 25
    assert max(len(line) for line in lines) <= 88


def test_failed_rows_come_before_passed_ones_when_room_is_short():
    report = failed(60)
    report.rows.insert(0, row("first"))
    report.rows.append(row("worst", "FAIL"))
    text = repr(report)
    assert "W0" in text
    assert "more (report.table() shows all)" in text
    assert len(report.table().split("\n")) == 64


def test_culprits_are_the_wrong_ops():
    report = failed()
    report.nodes.insert(0, finding(op="relu", status="PASS", kind="", message="2 kinks"))
    assert report.first_wrong.op == "tanh"
    assert [node.op for node in report.culprits] == ["tanh"]
    assert GradReport("PASS").first_wrong is None


def test_plain_data_is_json_without_the_time():
    report = failed()
    report.rows.append(Row("z", (), None, *[float("inf")] * 7, status="INCONCLUSIVE"))
    report.seconds = 0.5
    data = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert data["verdict"] == "FAIL"
    assert data["nodes"][0]["index"] == [2, 1]
    assert data["rows"][-1]["analytic"] == "inf"
    assert "seconds" not in data


def test_time_is_no_part_of_equality():
    first, again = failed(), failed()
    first.seconds = 1.0
    assert first == again


def test_errors_by_name():
    report = failed()
    report.ratios = {"W0": np.zeros((5, 4))}
    assert report.errors("W0").shape == (5, 4)
    with pytest.raises(KeyError, match="there is: W0"):
        report.errors("W9")


def test_reproduce_has_the_seed():
    assert failed().reproduce() == "gradcheck(net, x, W1, seed=0)"


def test_explanation_names_cause_and_meaning():
    text = " ".join(failed().explain().split())
    assert "gradient ascent instead of descent" in text
    assert "wrong only because they pass through it" in text
    assert "gradcheck(net, x, W1, seed=0)" in text


class Balanced(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_html_is_balanced_and_escaped():
    report = failed()
    report.nodes = [finding(source="<script>alert(1)</script>")]
    html = report._repr_html_()
    parser = Balanced()
    parser.feed(html)
    assert parser.open == []
    assert "<script>" not in html
    assert "net.py:42" in html


def test_page_is_written_whole(tmp_path):
    path = tmp_path / "report.html"
    failed().to_html(path)
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_a_folder_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(OSError, match="could not be written"):
        failed().to_html(tmp_path / "none" / "report.html")


def test_what_was_not_compared_has_dashes():
    report = check_derivation(lambda b: (b * b).sum(), lambda b: (2 * b).sum(), np.arange(1.0, 4.0))
    assert report.first_wrong.kind == "summed over too many axes"
    line = str(report).splitlines()[-1]
    assert line.split()[:7] == ["b", "3", "-", "-", "-", "-", "-"]
    assert "nan" not in str(report)
    assert "<td>-</td>" * 5 in report._repr_html_()
    nowhere = check_derivation(lambda b: (b * b).sum(), lambda b: b * np.nan, np.arange(1.0, 4.0))
    assert "nan" in str(nowhere).splitlines()[-1]
