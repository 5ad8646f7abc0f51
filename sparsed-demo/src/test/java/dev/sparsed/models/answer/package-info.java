/** Tests of answers that need a trained model. */
@NullMarked
package dev.sparsed.models.answer;

import org.jspecify.annotations.NullMarked;
