@NullMarked
package dev.sparsed.examples.eval;

import org.jspecify.annotations.NullMarked;
