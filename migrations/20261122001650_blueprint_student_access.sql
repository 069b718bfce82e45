-- The student whose blueprint it is reads its posts and finishes them.

create function access.student_prospect_id() returns uuid
language sql stable security definer
set search_path = ''
as $$
    select s.prospect_id from public.bootcamp_students as s where s.id = (select access.student_id())
$$;
comment on function access.student_prospect_id() is 'The blueprint linked to the acting student';
insert into access.definer_functions (function_name, reason) values
    (
        'access.student_prospect_id',
        'Answers the acting student''s own blueprint; students do not read their whole row'
    );
grant execute on function access.student_prospect_id() to authenticated, service_role;

call access.student_where(
    'posts', '{row}.prospect_id = (select access.student_prospect_id())',
    'A student reads the posts of the blueprint linked to them');
call access.add_rules(
    'posts', array['authenticated'], array['update'], 'student',
    '{row}.prospect_id = (select access.student_prospect_id()) and (select access.student_may_write())',
    null, 'A student finishes those posts, while their access lasts');
call access.apply('posts');
