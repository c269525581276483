/// How far a transfer has come without a gap, while its parts finish in any order: the `through` of a checkpoint.
public struct ContiguousProgress: Hashable, Sendable {
  /// All bytes before this are done.
  public private(set) var through: Int64
  /// Parts that are done beyond the gap, by start; none touches another.
  private var islands: [Int64: Int64] = [:]

  /// - Parameter start: What was done before: the `through` of the checkpoint that is resumed.
  public init(from start: Int64 = 0) {
    through = start
  }

  /// Notes that the bytes of `range` are done.
  ///
  /// - Returns: True where `through` has moved.
  @discardableResult
  public mutating func complete(_ range: Range<Int64>) -> Bool {
    guard range.upperBound > through, !range.isEmpty else { return false }
    guard range.lowerBound <= through else {
      islands[range.lowerBound] = max(islands[range.lowerBound] ?? 0, range.upperBound)
      return false
    }
    through = range.upperBound
    // Islands are few: as many as there are requests at once.
    while let next = islands.first(where: { $0.key <= through }) {
      islands[next.key] = nil
      through = max(through, next.value)
    }
    return true
  }
}
