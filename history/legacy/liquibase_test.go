package legacy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pleatdb/pleat/history/legacy"
)

// liquibaseTable is the table as Liquibase 4 makes it; rows are ID, author, file, type of execution and checksum, divided by bars.
func liquibaseTable(rows ...string) string {
	var b strings.Builder
	b.WriteString(`CREATE TABLE databasechangelog (id varchar(255) NOT NULL, author varchar(255) NOT NULL, filename varchar(255) NOT NULL,
		dateexecuted timestamp NOT NULL, orderexecuted integer NOT NULL, exectype varchar(10) NOT NULL, md5sum varchar(35), description varchar(255),
		comments varchar(255), tag varchar(255), liquibase varchar(20), contexts varchar(255), labels varchar(255), deployment_id varchar(10));
		CREATE TABLE databasechangeloglock (id integer PRIMARY KEY, locked boolean NOT NULL, lockgranted timestamp, lockedby varchar(255));
		INSERT INTO databasechangeloglock VALUES (1, false, NULL, NULL);`)
	for i, r := range rows {
		f := strings.Split(r, "|")
		sum := "NULL"
		if f[4] != "" {
			sum = "'" + f[4] + "'"
		}
		fmt.Fprintf(&b, "INSERT INTO databasechangelog VALUES ('%s', '%s', '%s', '2024-01-01 12:00:00', %d, '%s', %s, 'sql', '', NULL, '4.28.0', NULL, NULL, '1');\n",
			f[0], f[1], f[2], i+1, f[3], sum)
	}
	return b.String()
}

const (
	formattedOne = "--liquibase formatted sql\n\n--changeset ann:one\nCREATE TABLE a (id bigint);\nCREATE INDEX a_id ON a (id);\n--rollback DROP TABLE a;\n"
	oneV9        = "9:d1b19cd2ebae69151467f54799d0667a"
	oneV8        = "8:cf5096c72deaf6fdfcc80ffb0f6e3aa3"
	twoV9        = "9:f9adb0da1431fa8e35118d8a38405117"
	twoV8        = "8:133146cbd7240c731cf2e78ee410c90e"
	propertyV9   = "9:96b0030d0e85aefffbc6964c1133b0c8"
	propertyV8   = "8:bef36c6ea6b1be28db228f3dabeb06e7"
	xmlV9        = "9:f7e75cbdea927a4d693d4e01e401e22b"
	xmlV8        = "8:bd8d610c36e1c6b7dc477294a236f2f2"
	fileV9       = "9:d8a423e89b995ca9be7cc2586c2c3b94"
	fileV8       = "8:c709ec454a0c0d6353f5f8bc5722d0d2"
	rawV8        = "8:72f9d025eb522b7630338e38b10794ec"
	viewV9       = "9:213f512417ae285d98da5d7518d812cb"
)

const everyMark = `
-- liquibase formatted sql
--property name:place value:app dbms:postgresql
-- property name: place value: other
--changeset bob:two splitStatements:false stripComments:false endDelimiter://
--comment what it is for
--preconditions onFail:MARK_RAN
--precondition-sql-check expectedResult:0 SELECT count(*) FROM t
--validCheckSum: 8:00000000000000000000000000000000
-- why: because
SELECT  1 /* in line */;
--ignoreLines:2
SELECT 'not this';
SELECT 'nor this';

--rollback SELECT 3;
SELECT 2;
--ignoreLines:start
SELECT 'nothing of this';
--ignoreLines:end
--changeset "bob b":"a b" context:"x and y"
CREATE TABLE ${place}.t (id bigint);
/* liquibase rollback
DROP TABLE ${place}.t;
*/
`

// Each case is a directory, rows, and what comes of them.
func TestLiquibaseChangelogs(t *testing.T) {
	t.Parallel()
	const yaml = "databaseChangeLog:\n- changeSet:\n    id: 20240101120000\n    author: ann\n    changes:\n    - sqlFile: {path: ../sql/f.sql, relativeToChangelogFile: true}\n"
	const xml = `<?xml version="1.0" encoding="ISO-8859-1"?><databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog" logicalFilePath="the/log">
		<changeSet id="x" author="ann"><comment>of two</comment><sql><![CDATA[CREATE TABLE x (id bigint)]]></sql><sql dbms="postgresql">SELECT 1;</sql><rollback>DROP TABLE x</rollback></changeSet>
		<changeSet id="y" author="ann"><createTable tableName="y"/><addColumn tableName="y"/></changeSet></databaseChangeLog>`
	const json = `{"databaseChangeLog": [{"include": {"file": "b.sql", "relativeToChangelogFile": true}}, {"includeAll": {"path": "more", "relativeToChangelogFile": true}}]}`
	for name, c := range map[string]struct {
		rows  []string
		files map[string]string
		want  []string
	}{
		"both versions": {
			[]string{"one|ann|a.sql|EXECUTED|" + oneV9, "two|bob|b.sql|EXECUTED|" + twoV8, "a b|bob b|b.sql|EXECUTED|" + propertyV8},
			map[string]string{"a.sql": formattedOne, "b.sql": everyMark},
			[]string{"a.sql::one::ann applied verified in", "b.sql::two::bob applied verified in", "b.sql::a b::bob b applied verified in"},
		},
		"the others of them": {
			[]string{"one|ann|classpath:db/a.sql|EXECUTED|" + oneV8, `two|bob|.\db\b.sql|EXECUTED|` + twoV9, "a b|bob b|/srv/app/db/b.sql|EXECUTED|" + propertyV9},
			map[string]string{"db/a.sql": strings.ReplaceAll("\ufeff"+formattedOne, "\n", "\r\n"), "db/b.sql": everyMark},
			[]string{"db/a.sql::one::ann applied verified in", "db/b.sql::two::bob applied verified in", "srv/app/db/b.sql::a b::bob b applied verified in"},
		},
		"a changed byte": {
			[]string{"one|ann|a.sql|EXECUTED|" + oneV9},
			map[string]string{"a.sql": strings.Replace(formattedOne, "bigint", "bigInt", 1)},
			[]string{"a.sql::one::ann applied mismatched in", "problem mismatch a.sql::one::ann"},
		},
		"excused, emptied and too old": {
			[]string{"one|ann|a.sql|EXECUTED|9:ffffffffffffffffffffffffffffffff", "two|ann|a.sql|EXECUTED|", "three|ann|a.sql|EXECUTED|7:aaaa", "four|ann|a.sql|EXECUTED|ffffffffffffffffffffffffffffffff"},
			map[string]string{"a.sql": "--liquibase formatted sql\n--changeset ann:one\n--validCheckSum: any\nSELECT 1;\n--changeset ann:two\nSELECT 2;\n--changeset ann:three\nSELECT 3;\n--changeset ann:four\nSELECT 4;"},
			[]string{"a.sql::one::ann applied unverifiable in", "a.sql::two::ann applied unverifiable in", "a.sql::three::ann applied unverifiable in", "a.sql::four::ann applied unverifiable in"},
		},
		"a property from outside": {
			[]string{"one|ann|a.sql|EXECUTED|9:ffffffffffffffffffffffffffffffff"},
			map[string]string{"a.sql": "--liquibase formatted sql\n--changeset ann:one\nSELECT '${outside}';\n"},
			[]string{"a.sql::one::ann applied unverifiable in"},
		},
		"XML, YAML and JSON": {
			[]string{"x|ann|the/log|EXECUTED|" + xmlV9, "y|ann|the/log|EXECUTED|9:00", "20240101120000|ann|db/log/c.yaml|EXECUTED|" + fileV8, "one|ann|db/b.sql|EXECUTED|" + oneV9,
				"raw|includeAll|db/more/z.sql|EXECUTED|" + rawV8},
			map[string]string{"db/master.xml": xml, "db/log/c.yaml": yaml, "db/sql/f.sql": "CREATE TABLE from_file (id bigint);\n", "db/j.json": json, "db/b.sql": formattedOne,
				"db/more/z.sql": "CREATE TABLE from_file (id bigint);", "package.json": "{}", "pom.xml": "<project/>", "db/never.sql": formattedOne},
			[]string{"the/log::x::ann applied verified in", "the/log::y::ann applied unverifiable in", "db/log/c.yaml::20240101120000::ann applied verified in", "db/b.sql::one::ann applied verified in",
				"db/more/z.sql::raw::includeAll applied verified in"},
		},
		"a project with its build": {
			[]string{"one|ann|db/changelog/changes/1.sql|EXECUTED|" + oneV9, "raw|includeAll|db/changelog/changes/2.sql|EXECUTED|" + fileV9},
			map[string]string{"app/src/main/resources/db/changelog/db.changelog-master.yaml": "databaseChangeLog:\n  - includeAll:\n      path: db/changelog/changes\n",
				"app/src/main/resources/db/changelog/changes/1.sql": formattedOne, "app/src/main/resources/db/changelog/changes/2.sql": "CREATE TABLE from_file (id bigint);",
				"app/target/classes/db/changelog/db.changelog-master.yaml": "databaseChangeLog:\n  - includeAll:\n      path: db/changelog/changes\n",
				"app/target/classes/db/changelog/changes/1.sql":            formattedOne, "app/target/classes/db/changelog/changes/2.sql": "SELECT 1;"},
			[]string{"db/changelog/changes/1.sql::one::ann applied verified in", "db/changelog/changes/2.sql::raw::includeAll applied verified in"},
		},
		"numbers, preconditions and what changes nothing": {
			[]string{"1|ann|m.yaml|EXECUTED|" + oneV9, "1.1|ann|m.yaml|EXECUTED|" + oneV9, "tag|ann|m.yaml|EXECUTED|9:1"},
			map[string]string{"m.yaml": "databaseChangeLog:\n" +
				"- changeSet: {id: 001, author: ann, changes: [{sql: \"CREATE TABLE a (id bigint);\\nCREATE INDEX a_id ON a (id);\"}]}\n" +
				"- changeSet: {id: 1.10, author: ann, changes: [{sql: {sql: \"CREATE TABLE a (id bigint);\\nCREATE INDEX a_id ON a (id);\"}}]}\n" +
				"- changeSet: {id: tag, author: ann, changes: [{tagDatabase: {tag: v1}}]}\n" +
				"- changeSet: {id: next, author: ann, changes: [{tagDatabase: {tag: v2}}]}\n" +
				"- changeSet: {id: maybe, author: ann, preConditions: [{onFail: MARK_RAN}], changes: [{sql: SELECT 1}]}\n"},
			[]string{"m.yaml::1::ann applied verified in", "m.yaml::1.1::ann applied verified in", "m.yaml::tag::ann applied unverifiable in", "pending m.yaml"},
		},
		"version 8 of XML": {
			[]string{"x|ann|the/log|EXECUTED|" + xmlV8, "20240101120000|ann|log/c.yaml|EXECUTED|" + fileV9},
			map[string]string{"db/master.xml": xml, "db/log/c.yaml": yaml, "db/sql/f.sql": "CREATE TABLE from_file (id bigint);\n"},
			[]string{"the/log::x::ann applied verified in", "log/c.yaml::20240101120000::ann applied verified in", "pending db/master.xml", "problem pending_code the/log::y::ann"},
		},
		"what becomes of rows": {
			[]string{"view|ann|a.sql|RERAN|9:" + strings.Repeat("f", 32), "skip|ann|a.sql|MARK_RAN|", "bad|ann|a.sql|FAILED|", "passed|ann|a.sql|SKIPPED|", "odd|ann|a.sql|DREAMT|", "gone|ann|a.sql|EXECUTED|", "g|ann|b.groovy|EXECUTED|9:1"},
			map[string]string{"a.sql": "--liquibase formatted sql\n--changeset ann:view runOnChange:true\nCREATE OR REPLACE VIEW v AS SELECT 1 AS n;\n--changeset ann:skip\nSELECT 1;\n--changeset ann:oracle dbms:oracle,mysql\nSELECT 1 FROM dual;\n--changeset ann:new\nSELECT 2;\n",
				"b.groovy": "databaseChangeLog { }"},
			[]string{"a.sql::view::ann repeatable mismatched in", "a.sql::skip::ann applied unverifiable in", "a.sql::bad::ann failed missing past", "a.sql::odd::ann failed missing past", "a.sql::gone::ann applied missing in",
				"b.groovy::g::ann applied unverifiable in", "marker", "pending a.sql", "pending a.sql", "problem failed_migration a.sql::bad::ann", "problem unknown_kind a.sql::odd::ann", "problem missing_file a.sql::gone::ann"},
		},
		"two rows, two changesets": {
			[]string{"one|ann|a.sql|EXECUTED|" + oneV9, "one|ann|a.sql|EXECUTED|" + oneV9},
			map[string]string{"a.sql": formattedOne + "--changeset ann:TWO\nSELECT 1;\n--changeset ann:TWO\nSELECT 1;\n"},
			[]string{"a.sql::one::ann applied unverifiable past", "a.sql::one::ann applied verified in", "pending a.sql", "pending a.sql", "problem duplicate_version a.sql::TWO::ann", "problem duplicate_version a.sql::one::ann"},
		},
		"files of which several fit": {
			[]string{"one|ann|elsewhere/a.sql|EXECUTED|" + oneV9},
			map[string]string{"x/a.sql": formattedOne, "y/a.sql": formattedOne},
			[]string{"elsewhere/a.sql::one::ann applied missing in", "pending x/a.sql", "pending y/a.sql", "problem missing_file elsewhere/a.sql::one::ann"},
		},
		"a broken changelog": {
			[]string{"one|ann|a.sql|EXECUTED|" + oneV9},
			map[string]string{"a.sql": formattedOne, "m.xml": "<databaseChangeLog><changeSet", "m.yaml": "databaseChangeLog: [", "m.json": `{"databaseChangeLog": `},
			[]string{"a.sql::one::ann applied verified in", "problem unreadable", "problem unreadable", "problem unreadable"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, h := told(t, liquibaseTable(c.rows...), legacy.Wanted{}, c.files)
			same(t, "the history", c.want, got)
			if guarded := strings.Contains(strings.Join(h.Notes, "\n"), "maybe::ann has not run and has preconditions"); guarded != strings.Contains(c.files["m.yaml"], "maybe") {
				t.Errorf("what is said of preconditions: %v", h.Notes)
			}
		})
	}
}

func TestLiquibaseSQL(t *testing.T) {
	t.Parallel()
	text := "--liquibase formatted sql\n--changeset ann:one\nSELECT 1;\n--rollback SELECT 10;\n--rollback SELECT 11;\n\nSELECT 2;\n" +
		"--changeset ann:two runInTransaction:false\nCREATE INDEX CONCURRENTLY i ON t (a);\n--rollback not required\n" +
		"--changeset ann:three endDelimiter:/\nSELECT 6 / 2\n/\nSELECT 7\n/\n--changeset ann:four splitStatements:false\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$;\n"
	_, h := told(t, liquibaseTable("four|ann|a.sql|MARK_RAN|"), legacy.Wanted{}, map[string]string{"a.sql": text})
	var got []string
	for _, f := range h.Files {
		for _, u := range f.SQL.Up.Units {
			for _, s := range u.Statements {
				got = append(got, fmt.Sprintf("%s up %v %d %s", f.Version, u.Transactional, s.Line, s.SQL))
			}
		}
		for _, s := range f.SQL.Down.Statements() {
			got = append(got, fmt.Sprintf("%s down %d %s", f.Version, s.Line, s.SQL))
		}
		for _, p := range f.SQL.Up.Problems {
			got = append(got, p.Error())
		}
	}
	same(t, "the statements", []string{"one up true 3 SELECT 1", "one up true 7 SELECT 2", "one down 4 SELECT 10", "one down 5 SELECT 11",
		"two up false 9 CREATE INDEX CONCURRENTLY i ON t (a)", "three up true 12 SELECT 6 / 2", "three up true 14 SELECT 7"}, got)
}

// Old tables have fewer columns, no numbers of order, a primary key, or names in capitals.
func TestLiquibaseLayouts(t *testing.T) {
	t.Parallel()
	files := map[string]string{"a.sql": formattedOne}
	want := []string{"a.sql::one::ann applied verified in"}
	for name, sql := range map[string]string{
		"1.x": `CREATE SCHEMA "te""nant"; CREATE TABLE "te""nant".log (ID varchar(63), AUTHOR varchar(63), FILENAME varchar(200), DATEEXECUTED timestamptz, MD5SUM varchar(32), DESCRIPTION varchar(255),
			COMMENTS varchar(255), TAG varchar(255), LIQUIBASE varchar(10), PRIMARY KEY (ID, AUTHOR, FILENAME)); INSERT INTO "te""nant".log VALUES ('one', 'ann', 'a.sql', NULL, '` + strings.Repeat("f", 32) + `')`,
		"capitals": `CREATE TABLE "DATABASECHANGELOG" ("ID" text, "AUTHOR" text, "FILENAME" text, "DATEEXECUTED" timestamp, "ORDEREXECUTED" int, "EXECTYPE" text, "MD5SUM" text);
			CREATE TABLE "DATABASECHANGELOGLOCK" ("ID" int, "LOCKED" boolean, "LOCKGRANTED" timestamp, "LOCKEDBY" text);
			INSERT INTO "DATABASECHANGELOG" VALUES ('one', 'ann', 'a.sql', now(), -1, 'EXECUTED', '` + oneV9 + `'); INSERT INTO "DATABASECHANGELOGLOCK" VALUES (1, true, now(), 'ci')`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, h := told(t, sql, legacy.Wanted{}, files)
			want := want
			switch name {
			case "1.x":
				want = []string{"a.sql::one::ann applied unverifiable in"}
			case "capitals":
				want = append(want, "problem tool_running")
			}
			same(t, name, want, got)
			if h.Source.Strength != legacy.Sure {
				t.Errorf("got strength %v", h.Source.Strength)
			}
		})
	}
}

func TestLiquibaseHostileRows(t *testing.T) {
	t.Parallel()
	sql := `CREATE TABLE l (id text, author text, filename text, dateexecuted timestamp, orderexecuted int, exectype text, md5sum text, tag text, comments text);
		INSERT INTO l DEFAULT VALUES; INSERT INTO l VALUES (E'a"b\n$1', NULL, '::', 'infinity', NULL, NULL, ':::', E'\t', repeat('ü', 63)); INSERT INTO l VALUES ('', '', '')`
	got, _ := told(t, sql, legacy.Wanted{}, map[string]string{"a.sql": "--liquibase formatted sql\n--changeset\n--changeset :\n--changeset a:\n--ignoreLines:x\n--ignoreLines:99999999999999999999\n--property\n--changeset a:b logicalFilePath:\nSELECT '${"})
	same(t, "the history", []string{"::::a\"b\n$1:: applied missing in", "marker", "marker", "pending a.sql", "problem unreadable", "problem unreadable", "problem missing_file ::::a\"b\n$1::"}, got)
}
