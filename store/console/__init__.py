"""What the pages of the console read, one file a page: plain functions of a connection that change nothing."""
