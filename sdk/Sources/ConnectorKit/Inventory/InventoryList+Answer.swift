public import ConnectorProtocol
public import Foundation

extension InventoryList {
  /// The kind that is asked for.
  ///
  /// - Throws: `invalidParams` where it is none of `Kind`, the inventory kinds of the capability document.
  public func known<Kind: RawRepresentable<String> & CaseIterable>(as type: Kind.Type = Kind.self) throws -> Kind {
    guard let known = Kind(rawValue: kind) else {
      throw ConnectorError(
        .invalidParams, "There is no inventory of kind '\(kind)' here.", remedy: "Ask for \(Kind.names).",
        outcome: .none)
    }
    return known
  }

  /// The page that is asked for, of all items of the kind: those with the filter in their name or path, or as their id.
  ///
  /// - Throws: `pageTokenInvalid`.
  public func result(_ all: [Item], now: Date = Date()) throws -> Result {
    var items = all
    if let filter, !filter.isEmpty {
      items = items.filter {
        $0.name.localizedCaseInsensitiveContains(filter) || $0.id == filter
          || $0.path?.localizedCaseInsensitiveContains(filter) == true
      }
    }
    let page = try Page.cut(items, kind: kind, token: pageToken, size: pageSize)
    return Result(items: page.items, nextPageToken: page.next, asOf: now.formatted(.iso8601))
  }
}
