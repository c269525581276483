import ConnectorProtocol

/// One page of a listing. A token says which listing it is of and where it goes on.
struct Page<Item> {
  var items: [Item]
  var next: String?

  static func cut(_ all: [Item], kind: String, token: String?, size: Int?) throws -> Page {
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
