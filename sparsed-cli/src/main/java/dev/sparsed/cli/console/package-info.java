/**
 * What the commands of {@code cli} and of {@code eval} have in common: the options that say how a
 * model is loaded, and progress on a terminal. Nothing here knows a command.
 */
@NullMarked
package dev.sparsed.cli.console;

import org.jspecify.annotations.NullMarked;
