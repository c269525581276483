/// What `inventory/list` can list.
enum InventoryKind: String, CaseIterable, Sendable {
  case network
  case storage
  case instanceType
}
