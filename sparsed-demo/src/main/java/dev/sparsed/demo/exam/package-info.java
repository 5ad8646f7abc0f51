/**
 * The exam of the demo model: texts of a wanted length with a question at their end, and whether an
 * answer is right.
 */
@NullMarked
package dev.sparsed.demo.exam;

import org.jspecify.annotations.NullMarked;
