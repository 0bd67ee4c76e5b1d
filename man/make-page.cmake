# Makes one manual page: cmake -D NAME=ncli-pcr -D VERSION=0.1.0
#   -D LOWDOWN=/usr/bin/lowdown -D ERROR_CODES=base/error-codes.def
#   -D OUTPUT=ncli-pcr.1 -P make-page.cmake
# In NAME.1.md a line <!-- common: X --> stands for common/X.md, and a line
# <!-- exit-status: N... --> for the table of those statuses (none: all).
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/exit-status.cmake)

file(READ ${CMAKE_CURRENT_LIST_DIR}/${NAME}.1.md page)
while(page MATCHES "<!-- common: ([a-z-]+) -->\n")
  set(line "${CMAKE_MATCH_0}")
  file(READ ${CMAKE_CURRENT_LIST_DIR}/common/${CMAKE_MATCH_1}.md text)
  string(REPLACE "${line}" "${text}" page "${page}")
endwhile()
while(page MATCHES "<!-- exit-status:([0-9 ]*) -->\n")
  set(line "${CMAKE_MATCH_0}")
  string(REGEX MATCHALL "[0-9]+" numbers "${CMAKE_MATCH_1}")
  ncli_exit_status_table(table "${ERROR_CODES}" ${numbers})
  string(REPLACE "${line}" "${table}" page "${page}")
endwhile()
# A page does not refer to itself.
string(REPLACE "**${NAME}**(1),\n" "" page "${page}")

file(WRITE ${OUTPUT}.md "${page}")
execute_process(
  COMMAND ${LOWDOWN} -s -Tman --out-no-smarty -Msource=ncli\ ${VERSION}
    "-Mvolume=ncli manual" -o ${OUTPUT} ${OUTPUT}.md
  COMMAND_ERROR_IS_FATAL ANY)
file(REMOVE ${OUTPUT}.md)

# lowdown sets the term of a definition as a paragraph and moves back up, which
# breaks at the end of a printed page: .TP is made for it.
file(READ ${OUTPUT} page)
string(CONCAT term "\n\\.[LP]P\n([^\n]+)\n" "\\.if n [^\n]*\n\\.sp [^\n]*\n"
  "\\.if t [^\n]*\n\\.sp [^\n]*\n" "\\.IP [^\n]*\n")
string(REGEX REPLACE "${term}" "\n.TP 7n\n\\1\n" page "${page}")
# groff would print '-' as a hyphen and a quote as a curly one, which no shell
# takes when a command is copied from the page; and it would hyphenate names.
string(CONCAT setup ".if \\\\n(.g .char - \\\\-\n"
  ".if \\\\n(.g .char ' \\\\(aq\n" ".nr HY 0\n.nh\n.ad l\n")
string(REGEX REPLACE "\n\\.TH [^\n]*\n" "\\0${setup}" page "${page}")
file(WRITE ${OUTPUT} "${page}")
