import Testing

@testable import ConnectorImages

@Suite struct ChunkOrderTests {
  private func chunk(_ range: Range<Int64>) -> PackedChunk {
    PackedChunk(offset: range.lowerBound, length: Int(range.upperBound - range.lowerBound), bytes: [])
  }

  private func expect(_ order: inout ChunkOrder, _ offset: Int64?) {
    let taken = order.takeNext()
    #expect(taken?.offset == offset)
  }

  @Test func chunksComeInTheOrderOfTheDisk() {
    var order = ChunkOrder()
    order.pass(0..<100)
    order.add(chunk(200..<300))
    expect(&order, nil)
    #expect(order.isNext(100))
    #expect(!order.isNext(200))
    order.add(chunk(100..<200))
    expect(&order, 100)
    expect(&order, 200)
    expect(&order, nil)
  }

  /// A chunk that was made larger, to whole grains, covers a part of the zeros around it.
  @Test func chunksMayCoverZeros() {
    var order = ChunkOrder()
    order.pass(70..<300)
    order.pass(330..<400)
    order.add(chunk(256..<384))
    expect(&order, nil)
    order.add(chunk(0..<128))
    expect(&order, 0)
    expect(&order, 256)
    #expect(order.isNext(400))
    #expect(!order.isNext(401))
  }
}
