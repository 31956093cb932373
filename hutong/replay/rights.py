"""Whose a table is and who may do what with it: a table made anew has none of that by itself."""

from dataclasses import dataclass

from psycopg import sql

from hutong.store import Connection

#: Of a table and of its columns. Grantee NULL is PUBLIC. What nobody ever granted or revoked stands
#: nowhere: it is what `acldefault` says.
_GRANTS = """
    SELECT acl.privilege_type, acl.is_grantable, grantee.rolname, part.attname
    FROM (
        SELECT coalesce(relacl, acldefault('r', relowner)) AS acl, NULL::name AS attname
        FROM pg_class WHERE oid = %(table)s::regclass
        UNION ALL
        SELECT attacl, attname FROM pg_attribute
        WHERE attrelid = %(table)s::regclass AND attacl IS NOT NULL AND NOT attisdropped
    ) AS part
    CROSS JOIN LATERAL aclexplode(part.acl) AS acl
    LEFT JOIN pg_roles AS grantee ON grantee.oid = acl.grantee
    ORDER BY 4 NULLS FIRST, 3, 1
"""
_OWNER = """
    SELECT rolname FROM pg_class JOIN pg_roles ON pg_roles.oid = relowner
    WHERE pg_class.oid = %(table)s::regclass
"""


@dataclass(frozen=True, slots=True)
class Grant:
    """One privilege on a table, or with ``column`` on that alone. ``role`` None is PUBLIC."""

    privilege: str
    may_pass_on: bool
    role: str | None
    column: str | None


@dataclass(frozen=True, slots=True)
class Rights:
    """Owner and grants of a table."""

    owner: str
    grants: frozenset[Grant]

    @classmethod
    def of(cls, connection: Connection, schema: str, table: str) -> "Rights":
        """Those of a table that is there."""
        name = {"table": sql.Identifier(schema, table).as_string(connection)}
        owner = connection.execute(_OWNER, name).fetchone()
        assert owner is not None
        grants = connection.execute(_GRANTS, name)
        return cls(owner[0], frozenset(Grant(*row) for row in grants))

    def give(self, connection: Connection, schema: str, table: str) -> None:
        """Make a table's rights these and no others; who grants is from now on the owner."""
        there, name = Rights.of(connection, schema, table), sql.Identifier(schema, table)
        if there.owner != self.owner:
            statement = sql.SQL("ALTER TABLE {} OWNER TO {}")
            connection.execute(statement.format(name, sql.Identifier(self.owner)))
            there = Rights.of(connection, schema, table)
        for grant in there.grants - self.grants:
            connection.execute(_statement("REVOKE {} ON {} FROM {}", grant, name))
        for grant in self.grants - there.grants:
            more = " WITH GRANT OPTION" if grant.may_pass_on else ""
            connection.execute(_statement("GRANT {} ON {} TO {}" + more, grant, name))


def _statement(text: str, grant: Grant, table: sql.Identifier) -> sql.Composed:
    what: sql.Composable = sql.SQL(grant.privilege)
    if grant.column is not None:
        what = sql.SQL("{} ({})").format(what, sql.Identifier(grant.column))
    whom = sql.SQL("PUBLIC") if grant.role is None else sql.Identifier(grant.role)
    return sql.SQL(text).format(what, table, whom)
