-- Values larger than a packet
create table t (s text);
insert into t select repeat('0123456789', 20000);
select length(s), md5(s) from t;
copy t to 'nowhere/that/exists';
