/**
 * An interpreter of Jinja templates, as far as chat templates use them.
 *
 * <p>{@link dev.sparsed.text.internal.jinja.JinjaTemplate} is the door. Behind it a template passes
 * through a lexer, a parser (statements, expressions, operands) that leaves a tree of nodes, and an
 * interpreter (statements) with an evaluator (expressions) that walks it. What a template computes
 * with are Python's values, in classes that begin with Python; filters, tests, methods and
 * functions are looked up by name in tables, so that a template reaches nothing else. Each of them
 * takes the rendering's {@code Budget} and pays it before it reads or makes anything. What roles,
 * messages and special tokens are is known one package above.
 */
@NullMarked
package dev.sparsed.text.internal.jinja;

import org.jspecify.annotations.NullMarked;
