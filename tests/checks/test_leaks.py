"""Every way to give away the inside is found, also past the quick look that comes before the search."""

import pytest

from dpi_conformance.checks.answers import Answers
from dpi_conformance.checks.refusal import RefusalRules
from dpi_conformance.model.evidence import Exchange, Request, Response
from dpi_conformance.model.spec import Spec, Variant
from dpi_conformance.model.vectors import Expectation, Vector

ANSWERS = Answers(
    spec=Spec(title="t", version="1", variants=(Variant(id="v", method="get", path="/", responses=()),)),
    rules=RefusalRules(undeclared=frozenset({400})),
)
VECTOR = Vector(id="v", case="c", variant="v", method="GET", target="/", expect=Expectation.EITHER)
LEAKS = {
    "leak.stack-trace": (
        "Traceback (most recent call last):",
        "\tat org.bb.Pay$1.run(Pay.java:42)",
        "at org.bb.Pay.<init>(Pay.kt:1)",
        "at org.bb.Pay.go(Pay.scala:7)",
        "at org.bb.Pay.go(Pay.groovy:7)",
        "at Object.<anonymous> (/srv/pay.js:3:9)",
        "at run (file:///srv/pay.mts:3:9)",
        "at Bb.Pay.Run(String id) in C:\\src\\Pay.cs:line 42",
        "goroutine 17 [running]",
        "#0 /srv/index.php(12): pay()",
        "/srv/pay.rb:12:in `pay'",
        "thread 'main' panicked at src/main.rs:2",
        'Exception in thread "main"',
        "Caused by: java.lang.NullPointerException",
    ),
    "leak.file-path": (
        "/usr/src/app/main.py",
        "cannot read /etc/pay/pay.conf",
        "C:\\Program Files\\Pay\\pay.dll",
    ),
    "leak.sql": (
        "SELECT id FROM vouchers",
        "INSERT INTO vouchers",
        "DELETE  FROM vouchers",
        'UPDATE "vouchers" SET a',
        "select * from vouchers where id = 1",
        "insert into vouchers (id)",
        "SQLSTATE[42S02]",
        "ORA-00942",
        "psycopg2.errors.UndefinedTable",
        "psycopg.OperationalError",
        "sqlite3.OperationalError",
        "org.hibernate.exception.X",
        "org.postgresql.util.PSQLException",
        "com.mysql.jdbc.Driver",
        "You have an error in your SQL syntax",
        "duplicate key value violates unique constraint",
        "null value in column x violates not-null constraint",
    ),
}


@pytest.mark.parametrize(
    ("check", "text"), [(check, text) for check, texts in LEAKS.items() for text in texts]
)
def test_a_leak_is_found_wherever_it_stands(check: str, text: str) -> None:
    for body in (text, f'{{"description":"it failed: {text}, sorry"}}'):
        exchange = Exchange(
            id="v",
            request=Request(method="GET", url="http://127.0.0.1/"),
            response=Response(status=400, headers=(("content-type", "text/plain"),), body=body.encode()),
        )
        assert check in {finding.code for finding in ANSWERS.check(VECTOR, exchange)}
