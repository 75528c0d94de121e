BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE attempts (
	id INTEGER NOT NULL, 
	"row" INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	at_ms BIGINT NOT NULL, 
	latency_ms INTEGER NOT NULL, 
	status INTEGER, 
	problem TEXT, 
	PRIMARY KEY (id), 
	FOREIGN KEY("row") REFERENCES outbox ("row")
);
CREATE TABLE bins (
	id VARCHAR(32) NOT NULL, 
	project VARCHAR(32) NOT NULL, 
	name TEXT NOT NULL, 
	contents TEXT NOT NULL, 
	created_ms BIGINT NOT NULL, 
	updated_ms BIGINT NOT NULL, 
	accessed_ms BIGINT, 
	requests INTEGER NOT NULL, 
	removed INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "bins" VALUES('00000000000000000000000000000008','00000000000000000000000000000acc','page','<Response/>',1700000000000,1700000000000,NULL,0,0);
CREATE TABLE calls (
	id VARCHAR(32) NOT NULL, 
	project VARCHAR(32) NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	created_ms BIGINT NOT NULL, 
	ended_ms BIGINT, 
	revision INTEGER NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "calls" VALUES('000000000000000000000000000000a0','00000000000000000000000000000acc','in-progress',1700000000000,NULL,1,'{"v":1,"id":"000000000000000000000000000000a0","project":"00000000000000000000000000000acc","caller":{"from_":"+15551","to":"+15552","direction":"inbound","parent":null},"created_ms":1700000000000,"updated_ms":1700000000000,"status":"in-progress","started_ms":1700000000000,"ended_ms":null,"number":null,"conference":null,"script":null,"parameters":[],"hung_up_by":null,"revision":1}');
INSERT INTO "calls" VALUES('000000000000000000000000000000a3','00000000000000000000000000000acc','completed',1700000000000,1700000009000,1,'{"v":1,"id":"000000000000000000000000000000a3","project":"00000000000000000000000000000acc","caller":{"from_":"sip:d@h","to":"+15552","direction":"inbound","parent":null},"created_ms":1700000000000,"updated_ms":1700000000000,"status":"completed","started_ms":1700000000000,"ended_ms":1700000009000,"number":null,"conference":null,"script":null,"parameters":[],"hung_up_by":null,"revision":1}');
CREATE TABLE conferences (
	id VARCHAR(32) NOT NULL, 
	project VARCHAR(32) NOT NULL, 
	name TEXT NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	created_ms BIGINT NOT NULL, 
	updated_ms BIGINT NOT NULL, 
	revision INTEGER NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "conferences" VALUES('00000000000000000000000000000001','00000000000000000000000000000acc','live','in-progress',1700000000000,1700000000000,6,'{"v":1,"id":"00000000000000000000000000000001","project":"00000000000000000000000000000acc","name":"live","created_ms":1700000000000,"updated_ms":1700000000000,"status":"in-progress","participants":[],"announcements":[],"last_turn":0,"callback":{"url":"https://app.example/conference","method":"POST","topics":["announcement","end","hold","join","leave","modify","mute","speaker","start"]},"region":"us1","revision":6,"plan_revision":6,"last_sequence":7,"end_reason":null,"ended_by":null,"ended_by_label":null}');
INSERT INTO "conferences" VALUES('00000000000000000000000000000002','00000000000000000000000000000acc','over','completed',1700000000000,1700000000000,2,'{"v":1,"id":"00000000000000000000000000000002","project":"00000000000000000000000000000acc","name":"over","created_ms":1700000000000,"updated_ms":1700000000000,"status":"completed","participants":[],"announcements":[],"last_turn":0,"callback":null,"region":"us1","revision":2,"plan_revision":2,"last_sequence":0,"end_reason":"conference-ended-via-api","ended_by":null,"ended_by_label":null}');
CREATE TABLE credentials (
	id INTEGER NOT NULL, 
	project VARCHAR(32) NOT NULL, 
	salt BLOB NOT NULL, 
	digest BLOB NOT NULL, 
	created_ms BIGINT NOT NULL, 
	revoked_ms BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(project) REFERENCES projects (id)
);
INSERT INTO "credentials" VALUES(1,'00000000000000000000000000000acc',X'241E629FE53FC33CF817CDEC139588A0',X'002617E27F7213DEDA27CCBBA6B73D48225DA91ABBBACABFA1F95B36CCF43EDD',1700000000000,NULL);
INSERT INTO "credentials" VALUES(2,'000000000000000000000000000000b0',X'94730432546A6846E20F8E7BD2649EA9',X'CC00683B9CF6B6ED58F1F05904AD5BDDA94F9615825605D7A31124D179607705',1700000000000,NULL);
INSERT INTO "credentials" VALUES(3,'00000000000000000000000000000acc',X'8A033B7537F636A7E1C73BC9344A2374',X'32EC1E3E1C8A37F3B4DB41E7C0C711E26342FAA12C528EB78A5C40CACABED995',1700000000000,NULL);
CREATE TABLE events (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	conference VARCHAR(32) NOT NULL, 
	revision INTEGER NOT NULL, 
	at_ms BIGINT NOT NULL, 
	kind TEXT NOT NULL, 
	body TEXT NOT NULL, 
	FOREIGN KEY(conference) REFERENCES conferences (id)
);
INSERT INTO "events" VALUES(1,'00000000000000000000000000000001',1,1700000000000,'ParticipantJoined','{"v":1,"kind":"ParticipantJoined","call":"000000000000000000000000000000a0"}');
INSERT INTO "events" VALUES(2,'00000000000000000000000000000001',2,1700000000000,'ParticipantJoined','{"v":1,"kind":"ParticipantJoined","call":"000000000000000000000000000000a1"}');
INSERT INTO "events" VALUES(3,'00000000000000000000000000000001',2,1700000000000,'ConferenceStarted','{"v":1,"kind":"ConferenceStarted"}');
INSERT INTO "events" VALUES(4,'00000000000000000000000000000001',3,1700000000000,'ParticipantJoined','{"v":1,"kind":"ParticipantJoined","call":"000000000000000000000000000000a2"}');
INSERT INTO "events" VALUES(5,'00000000000000000000000000000001',4,1700000000000,'ParticipantMuted','{"v":1,"kind":"ParticipantMuted","call":"000000000000000000000000000000a0"}');
INSERT INTO "events" VALUES(6,'00000000000000000000000000000001',5,1700000000000,'ParticipantHeld','{"v":1,"kind":"ParticipantHeld","call":"000000000000000000000000000000a1"}');
INSERT INTO "events" VALUES(7,'00000000000000000000000000000001',6,1700000000000,'ParticipantLeft','{"v":1,"kind":"ParticipantLeft","call":"000000000000000000000000000000a2","reason":"participant_hung_up","status":"completed"}');
INSERT INTO "events" VALUES(8,'00000000000000000000000000000002',1,1700000000000,'ParticipantJoined','{"v":1,"kind":"ParticipantJoined","call":"000000000000000000000000000000a3"}');
INSERT INTO "events" VALUES(9,'00000000000000000000000000000002',2,1700000000000,'ParticipantLeft','{"v":1,"kind":"ParticipantLeft","call":"000000000000000000000000000000a3","reason":"conference_ended_via_api","status":"in-progress"}');
INSERT INTO "events" VALUES(10,'00000000000000000000000000000002',2,1700000000000,'ConferenceEnded','{"v":1,"kind":"ConferenceEnded","reason":"conference-ended-via-api","call":null}');
CREATE TABLE numbers (
	id VARCHAR(32) NOT NULL, 
	project VARCHAR(32) NOT NULL, 
	phone_number TEXT NOT NULL, 
	friendly_name TEXT NOT NULL, 
	created_ms BIGINT NOT NULL, 
	updated_ms BIGINT NOT NULL, 
	removed INTEGER NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "numbers" VALUES('00000000000000000000000000000007','00000000000000000000000000000acc','+15550000007','number 7',1700000000000,1700000000000,0,'{"voice":{"url":"https://app.example/voice","method":"POST"},"voice_fallback":null,"voice_method":"POST","voice_fallback_method":"POST"}');
CREATE TABLE outbox (
	"row" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	event_id VARCHAR(32) NOT NULL, 
	lane VARCHAR(32) NOT NULL, 
	sequence INTEGER NOT NULL, 
	host TEXT NOT NULL, 
	body TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	due_ms BIGINT NOT NULL, 
	holder TEXT, 
	leased_until_ms BIGINT NOT NULL, 
	settled_ms BIGINT, 
	outcome VARCHAR(16), 
	UNIQUE (event_id)
);
INSERT INTO "outbox" VALUES(1,'848aa5e45dae3b265374ac3fe9d3ef17','00000000000000000000000000000001',1,'app.example','{"v":1,"conference":"00000000000000000000000000000001","project":"00000000000000000000000000000acc","name":"live","sequence":1,"at_ms":1700000000000,"url":"https://app.example/conference","method":"POST","event":{"kind":"ParticipantJoined","call":"000000000000000000000000000000a0"},"participant":{"id":"000000000000000000000000000000a0","call":"000000000000000000000000000000a0","caller":{"from_":"+1160","to":"+1555","direction":"inbound","parent":null},"created_ms":1700000000000,"updated_ms":1700000000000,"label":null,"muted":false,"hold":null,"hold_turn":0,"wait":{"kind":"HouseMusic"},"wait_turn":0,"coaching":false,"coached":null,"start_on_enter":true,"end_on_exit":false,"beep":{"on_enter":true,"on_exit":true},"announcements":[],"speaking":false},"ended_by_label":null}',0,1700000000000,NULL,0,NULL,NULL);
INSERT INTO "outbox" VALUES(2,'d8e45aafcedc3a7baca98351265ea979','00000000000000000000000000000001',2,'app.example','{"v":1,"conference":"00000000000000000000000000000001","project":"00000000000000000000000000000acc","name":"live","sequence":2,"at_ms":1700000000000,"url":"https://app.example/conference","method":"POST","event":{"kind":"ParticipantJoined","call":"000000000000000000000000000000a1"},"participant":{"id":"000000000000000000000000000000a1","call":"000000000000000000000000000000a1","caller":{"from_":"+1161","to":"+1555","direction":"inbound","parent":null},"created_ms":1700000000000,"updated_ms":1700000000000,"label":"bob","muted":false,"hold":null,"hold_turn":0,"wait":{"kind":"HouseMusic"},"wait_turn":0,"coaching":false,"coached":null,"start_on_enter":true,"end_on_exit":false,"beep":{"on_enter":true,"on_exit":true},"announcements":[],"speaking":false},"ended_by_label":null}',0,1700000000000,NULL,0,NULL,NULL);
INSERT INTO "outbox" VALUES(3,'b821525c32c3f639d22a11e5e636755c','00000000000000000000000000000001',3,'app.example','{"v":1,"conference":"00000000000000000000000000000001","project":"00000000000000000000000000000acc","name":"live","sequence":3,"at_ms":1700000000000,"url":"https://app.example/conference","method":"POST","event":{"kind":"ConferenceStarted"},"participant":null,"ended_by_label":null}',0,1700000000000,NULL,0,NULL,NULL);
INSERT INTO "outbox" VALUES(4,'8da7a5b6213dc37e6f176e9aea46f50a','00000000000000000000000000000001',4,'app.example','{"v":1,"conference":"00000000000000000000000000000001","project":"00000000000000000000000000000acc","name":"live","sequence":4,"at_ms":1700000000000,"url":"https://app.example/conference","method":"POST","event":{"kind":"ParticipantJoined","call":"000000000000000000000000000000a2"},"participant":{"id":"000000000000000000000000000000a2","call":"000000000000000000000000000000a2","caller":{"from_":"+1162","to":"+1555","direction":"inbound","parent":null},"created_ms":1700000000000,"updated_ms":1700000000000,"label":null,"muted":false,"hold":null,"hold_turn":0,"wait":{"kind":"HouseMusic"},"wait_turn":0,"coaching":false,"coached":null,"start_on_enter":true,"end_on_exit":false,"beep":{"on_enter":true,"on_exit":true},"announcements":[],"speaking":false},"ended_by_label":null}',0,1700000000000,NULL,0,NULL,NULL);
INSERT INTO "outbox" VALUES(5,'e6a4c33263323774b5f1505424035605','00000000000000000000000000000001',5,'app.example','{"v":1,"conference":"00000000000000000000000000000001","project":"00000000000000000000000000000acc","name":"live","sequence":5,"at_ms":1700000000000,"url":"https://app.example/conference","method":"POST","event":{"kind":"ParticipantMuted","call":"000000000000000000000000000000a0"},"participant":{"id":"000000000000000000000000000000a0","call":"000000000000000000000000000000a0","caller":{"from_":"+1160","to":"+1555","direction":"inbound","parent":null},"created_ms":1700000000000,"updated_ms":1700000000000,"label":null,"muted":true,"hold":null,"hold_turn":0,"wait":{"kind":"HouseMusic"},"wait_turn":0,"coaching":false,"coached":null,"start_on_enter":true,"end_on_exit":false,"beep":{"on_enter":true,"on_exit":true},"announcements":[],"speaking":false},"ended_by_label":null}',0,1700000000000,NULL,0,NULL,NULL);
INSERT INTO "outbox" VALUES(6,'ec9c27a9d0d31abda364b01a0aa2146c','00000000000000000000000000000001',6,'app.example','{"v":1,"conference":"00000000000000000000000000000001","project":"00000000000000000000000000000acc","name":"live","sequence":6,"at_ms":1700000000000,"url":"https://app.example/conference","method":"POST","event":{"kind":"ParticipantHeld","call":"000000000000000000000000000000a1"},"participant":{"id":"000000000000000000000000000000a1","call":"000000000000000000000000000000a1","caller":{"from_":"+1161","to":"+1555","direction":"inbound","parent":null},"created_ms":1700000000000,"updated_ms":1700000000000,"label":"bob","muted":false,"hold":{"kind":"Document","url":"https://app.example/song","method":"POST"},"hold_turn":1,"wait":{"kind":"HouseMusic"},"wait_turn":0,"coaching":false,"coached":null,"start_on_enter":true,"end_on_exit":false,"beep":{"on_enter":true,"on_exit":true},"announcements":[],"speaking":false},"ended_by_label":null}',0,1700000000000,NULL,0,NULL,NULL);
INSERT INTO "outbox" VALUES(7,'b757b9e5328c2a80ce74b757047ec3c3','00000000000000000000000000000001',7,'app.example','{"v":1,"conference":"00000000000000000000000000000001","project":"00000000000000000000000000000acc","name":"live","sequence":7,"at_ms":1700000000000,"url":"https://app.example/conference","method":"POST","event":{"kind":"ParticipantLeft","call":"000000000000000000000000000000a2","reason":"participant_hung_up","status":"completed"},"participant":{"id":"000000000000000000000000000000a2","call":"000000000000000000000000000000a2","caller":{"from_":"+1162","to":"+1555","direction":"inbound","parent":null},"created_ms":1700000000000,"updated_ms":1700000000000,"label":null,"muted":false,"hold":null,"hold_turn":0,"wait":{"kind":"HouseMusic"},"wait_turn":0,"coaching":false,"coached":null,"start_on_enter":true,"end_on_exit":false,"beep":{"on_enter":true,"on_exit":true},"announcements":[],"speaking":false},"ended_by_label":null}',0,1700000000000,NULL,0,NULL,NULL);
CREATE TABLE participants (
	seq INTEGER NOT NULL, 
	id VARCHAR(32) NOT NULL, 
	conference VARCHAR(32) NOT NULL, 
	call VARCHAR(32) NOT NULL, 
	label TEXT, 
	muted BOOLEAN NOT NULL, 
	held BOOLEAN NOT NULL, 
	coaching BOOLEAN NOT NULL, 
	created_ms BIGINT NOT NULL, 
	left_ms BIGINT, 
	body TEXT NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (id), 
	FOREIGN KEY(conference) REFERENCES conferences (id)
);
INSERT INTO "participants" VALUES(1,'000000000000000000000000000000a0','00000000000000000000000000000001','000000000000000000000000000000a0',NULL,1,0,0,1700000000000,NULL,'{"v":1,"id":"000000000000000000000000000000a0","call":"000000000000000000000000000000a0","caller":{"from_":"+1160","to":"+1555","direction":"inbound","parent":null},"created_ms":1700000000000,"updated_ms":1700000000000,"label":null,"muted":true,"hold":null,"hold_turn":0,"wait":{"kind":"HouseMusic"},"wait_turn":0,"coaching":false,"coached":null,"start_on_enter":true,"end_on_exit":false,"beep":{"on_enter":true,"on_exit":true},"announcements":[],"speaking":false}');
INSERT INTO "participants" VALUES(2,'000000000000000000000000000000a1','00000000000000000000000000000001','000000000000000000000000000000a1','bob',0,1,0,1700000000000,NULL,'{"v":1,"id":"000000000000000000000000000000a1","call":"000000000000000000000000000000a1","caller":{"from_":"+1161","to":"+1555","direction":"inbound","parent":null},"created_ms":1700000000000,"updated_ms":1700000000000,"label":"bob","muted":false,"hold":{"kind":"Document","url":"https://app.example/song","method":"POST"},"hold_turn":1,"wait":{"kind":"HouseMusic"},"wait_turn":0,"coaching":false,"coached":null,"start_on_enter":true,"end_on_exit":false,"beep":{"on_enter":true,"on_exit":true},"announcements":[],"speaking":false}');
INSERT INTO "participants" VALUES(3,'000000000000000000000000000000a2','00000000000000000000000000000001','000000000000000000000000000000a2',NULL,0,0,0,1700000000000,1700000000000,'{"v":1,"id":"000000000000000000000000000000a2","call":"000000000000000000000000000000a2","caller":{"from_":"+1162","to":"+1555","direction":"inbound","parent":null},"created_ms":1700000000000,"updated_ms":1700000000000,"label":null,"muted":false,"hold":null,"hold_turn":0,"wait":{"kind":"HouseMusic"},"wait_turn":0,"coaching":false,"coached":null,"start_on_enter":true,"end_on_exit":false,"beep":{"on_enter":true,"on_exit":true},"announcements":[],"speaking":false}');
INSERT INTO "participants" VALUES(4,'000000000000000000000000000000a3','00000000000000000000000000000002','000000000000000000000000000000a3',NULL,0,0,0,1700000000000,1700000000000,'{"v":1,"id":"000000000000000000000000000000a3","call":"000000000000000000000000000000a3","caller":{"from_":"+1163","to":"+1555","direction":"inbound","parent":null},"created_ms":1700000000000,"updated_ms":1700000000000,"label":null,"muted":false,"hold":null,"hold_turn":0,"wait":{"kind":"HouseMusic"},"wait_turn":0,"coaching":false,"coached":null,"start_on_enter":true,"end_on_exit":false,"beep":{"on_enter":true,"on_exit":true},"announcements":[],"speaking":false}');
CREATE TABLE projects (
	id VARCHAR(32) NOT NULL, 
	name TEXT NOT NULL, 
	dialect VARCHAR(16) NOT NULL, 
	signing_key TEXT NOT NULL, 
	created_ms BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "projects" VALUES('00000000000000000000000000000acc','test','twilio','key',1700000000000);
INSERT INTO "projects" VALUES('000000000000000000000000000000b0','other','signalwire','PSK_1',1700000000000);
CREATE INDEX credentials_of_project ON credentials (project);
CREATE INDEX conferences_listed ON conferences (project, created_ms, id);
CREATE INDEX conferences_live ON conferences (id) WHERE status != 'completed';
CREATE UNIQUE INDEX one_live_conference_of_a_name ON conferences (project, name) WHERE status != 'completed';
CREATE INDEX participants_present ON participants (conference, created_ms, id) WHERE left_ms IS NULL;
CREATE INDEX calls_listed ON calls (project, created_ms, id);
CREATE INDEX calls_live ON calls (id) WHERE ended_ms IS NULL;
CREATE INDEX events_of_conference ON events (conference, seq);
CREATE INDEX outbox_pending ON outbox (lane, sequence) WHERE settled_ms IS NULL;
CREATE INDEX attempts_of_row ON attempts ("row");
CREATE INDEX numbers_listed ON numbers (project, created_ms, id);
CREATE UNIQUE INDEX one_claim_of_a_number ON numbers (phone_number) WHERE removed = 0;
CREATE INDEX bins_listed ON bins (project, created_ms, id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('events',10);
INSERT INTO "sqlite_sequence" VALUES('outbox',7);
COMMIT;
