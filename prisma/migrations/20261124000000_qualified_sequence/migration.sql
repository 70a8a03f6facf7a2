-- The sequence is found whatever the search path, which on a connection that a pooler lends may be anybody's.
CREATE OR REPLACE FUNCTION "next_ticket_id"() RETURNS BIGINT LANGUAGE sql VOLATILE AS $$
  SELECT ((extract(epoch FROM clock_timestamp()) * 1000)::BIGINT - 1577836800000) << 22
    | nextval('public.ticket_id_sequence')
$$;
