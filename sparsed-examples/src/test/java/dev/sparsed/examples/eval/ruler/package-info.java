@NullMarked
package dev.sparsed.examples.eval.ruler;

import org.jspecify.annotations.NullMarked;
