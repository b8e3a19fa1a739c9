-- what NOTIFY brings is shown as the bytes that the client's encoding has for it
\encoding latin1
listen "Käse";
notify "Käse", 'für alle';
notify "Käse";
select 1;
