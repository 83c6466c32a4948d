/**
 * Iterators that can be written down, for `for (x in list)` around a step. workflow-cps brings the same
 * as a category (IteratorHack, since JENKINS-27421); Java's own cannot be.
 */
class Iterators {
    static Iterator iterator(List list) { new OfList(items: new ArrayList(list)) }

    static Iterator iterator(Set set) { new OfList(items: new ArrayList(set)) }

    static class OfList implements Iterator, Serializable {
        List items
        int next = 0

        boolean hasNext() { next < items.size() }

        Object next() { items[next++] }

        void remove() { throw new UnsupportedOperationException() }
    }
}
