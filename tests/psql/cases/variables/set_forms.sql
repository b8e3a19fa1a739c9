-- \set joins its arguments; quotes, escapes and variables in them
\set a one two three
\set b 'one' 'two'
\set c "double"
\set d 'tab\tnl\nend'
\set e :a x
\set f :'a'
\set g :"a"
\echo :a / :b / :c / :d / :e / :f / :g
