import ConnectorKit
import ConnectorProtocol
import Foundation
import Testing

private enum Kind: String, CaseIterable { case network, storage }

@Suite struct InventoryListTests {
  private let items: [InventoryList.Item] = [
    .init(id: "n-1", name: "Office"), .init(id: "n-2", name: "Lab", path: "/Site/Office/Lab"),
    .init(id: "office", name: "Third"), .init(id: "n-4", name: "Fourth"),
  ]

  @Test func pages() throws {
    let first = try Page.cut([1, 2, 3], kind: "network", token: nil, size: 2)
    #expect(first.items == [1, 2])
    let second = try Page.cut([1, 2, 3], kind: "network", token: first.next, size: 2)
    #expect(second.items == [3])
    #expect(second.next == nil)
    for token in ["storage:1", "network:3", "network:0", "network:-1", "x", "", "network:1:2"] {
      #expect { try Page.cut([1, 2, 3], kind: "network", token: token, size: 2) } throws: { error in
        (error as? ConnectorError)?.reason == .pageTokenInvalid
      }
    }
  }

  @Test func anUnknownKindIsRefused() throws {
    #expect(try InventoryList(kind: "storage").known() == Kind.storage)
    #expect { try InventoryList(kind: "moon").known(as: Kind.self) } throws: { error in
      let error = error as? ConnectorError
      return error?.reason == .invalidParams && error?.remedy == "Ask for network, storage."
    }
  }

  @Test func theFilterLooksAtNamesPathsAndIds() throws {
    let result = try InventoryList(kind: "network", filter: "office", pageSize: 2).result(items)
    #expect(result.items.map(\.id) == ["n-1", "n-2"])
    let rest = try InventoryList(kind: "network", filter: "office", pageToken: result.nextPageToken).result(items)
    #expect(rest.items.map(\.id) == ["office"])
    #expect(rest.nextPageToken == nil)
    #expect(try InventoryList(kind: "network", filter: "").result(items).items.count == 4)
  }

  @Test func theTimeIsRFC3339() throws {
    let result = try InventoryList(kind: "network").result([], now: Date(timeIntervalSince1970: 0))
    #expect(result.asOf == "1970-01-01T00:00:00Z")
  }
}
