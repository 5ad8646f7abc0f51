@NullMarked
package dev.sparsed.examples.eval.run;

import org.jspecify.annotations.NullMarked;
