@NullMarked
package dev.sparsed.eval.run;

import org.jspecify.annotations.NullMarked;
