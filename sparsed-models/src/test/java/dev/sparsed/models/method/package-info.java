/** Tests of the vocabulary of methods. */
@NullMarked
package dev.sparsed.models.method;

import org.jspecify.annotations.NullMarked;
