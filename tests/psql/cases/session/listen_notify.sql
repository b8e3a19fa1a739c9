-- Notifications that arrive
listen news; notify news, 'text';
notify news;
select 1 as one;
