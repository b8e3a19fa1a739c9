select 'half' as word
