import ConnectorProtocol
import Testing

@testable import Restore

@Suite struct DeletionOrderTests {
  @Test func theNewestGoFirst() {
    let made = ["a", "b", "c"].map { Resource(kind: "disk", name: $0) }
    #expect(DeletionOrder.order(made).map(\.name) == ["c", "b", "a"])
  }

  @Test func whatDependsOnAnotherGoesBeforeIt() {
    let made = [
      Resource(kind: "machine", name: "vm", dependsOn: ["disk0", "nic"]), Resource(kind: "disk", name: "disk0"),
      Resource(kind: "nic", name: "nic", parent: "subnet"), Resource(kind: "subnet", name: "subnet"),
    ]
    let order = DeletionOrder.order(made).map(\.name)
    #expect(order.firstIndex(of: "vm") == 0)
    #expect(order.count == 4)
    #expect((order.firstIndex(of: "nic") ?? 9) < (order.firstIndex(of: "subnet") ?? -1))
  }

  @Test func aCircleLeavesNothingOut() {
    let made = [
      Resource(kind: "x", name: "a", dependsOn: ["b"]), Resource(kind: "x", name: "b", dependsOn: ["a"]),
    ]
    #expect(Set(DeletionOrder.order(made).map(\.name)) == ["a", "b"])
  }
}
