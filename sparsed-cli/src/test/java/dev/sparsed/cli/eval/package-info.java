@NullMarked
package dev.sparsed.cli.eval;

import org.jspecify.annotations.NullMarked;
