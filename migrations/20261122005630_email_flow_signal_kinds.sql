alter table public.email_flow_signals
    add constraint email_flow_signals_event_type_check check (event_type in (
        'positive_reply', 'purchase', 'meeting_booked', 'meeting_attended', 'student_enrolled', 'webhook',
        'opted_in', 'qualified', 'opened', 'clicked'));
comment on column public.email_flow_signals.event_type is 'What flows can begin with, wait for or end by';
