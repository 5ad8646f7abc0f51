@NullMarked
package dev.sparsed.eval.ruler;

import org.jspecify.annotations.NullMarked;
