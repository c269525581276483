import ConnectorProtocol

/// One page of a listing, for platforms that tell all at once. A token says which listing it is of and where it goes on.
public struct Page<Item> {
  public var items: [Item]
  /// The token of the next page; nil on the last.
  public var next: String?

  public init(items: [Item], next: String? = nil) {
    self.items = items
    self.next = next
  }

  /// The page that begins at `token`: at most `size` items; all that are left where it is nil or not positive.
  ///
  /// - Parameter kind: Of the listing: a token of another one is refused.
  /// - Throws: `pageTokenInvalid`.
  public static func cut(_ all: [Item], kind: String, token: String?, size: Int?) throws -> Page {
    var start = 0
    if let token {
      let parts = token.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0] == kind, let offset = Int(parts[1]), (1..<max(all.count, 1)).contains(offset)
      else {
        throw ConnectorError(
          .pageTokenInvalid, "The page token is none of this listing, or of an older one.",
          remedy: "Begin the listing again, without a token.", outcome: .none)
      }
      start = offset
    }
    guard let size, size > 0 else { return Page(items: Array(all.dropFirst(start))) }
    let end = min(all.count, start + min(size, all.count))
    return Page(items: Array(all[start..<end]), next: end < all.count ? "\(kind):\(end)" : nil)
  }
}

extension Page: Sendable where Item: Sendable {}
