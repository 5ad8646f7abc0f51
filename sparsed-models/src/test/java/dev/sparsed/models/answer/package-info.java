/** Tests of the vocabulary of methods. */
@NullMarked
package dev.sparsed.models.answer;

import org.jspecify.annotations.NullMarked;
