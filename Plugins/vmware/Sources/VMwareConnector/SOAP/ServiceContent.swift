import ConnectorProtocol

/// What the server says of itself, and the ids of its managers: they differ from product to product.
struct ServiceContent: Sendable {
  var product: String
  var version: String
  /// `7.0.3.0`.
  var apiVersion: String
  /// True for vCenter, false for a single ESXi host.
  var isVirtualCenter: Bool
  var rootFolder: MoRef
  var propertyCollector: MoRef
  var viewManager: MoRef
  var sessionManager: MoRef
  var searchIndex: MoRef
  var virtualDiskManager: MoRef?
  var fileManager: MoRef?
  var customFieldsManager: MoRef?

  static let serviceInstance = MoRef("ServiceInstance", "ServiceInstance")

  init?(_ node: XMLNode) {
    guard let root = node.reference("rootFolder"), let collector = node.reference("propertyCollector"),
      let views = node.reference("viewManager"), let sessions = node.reference("sessionManager"),
      let index = node.reference("searchIndex")
    else { return nil }
    let about = node["about"]
    product = about?.string("fullName") ?? about?.string("name") ?? "VMware vSphere"
    version = about?.string("version") ?? "unknown"
    apiVersion = about?.string("apiVersion") ?? "6.5"
    isVirtualCenter = about?.string("apiType") != "HostAgent"
    rootFolder = root
    propertyCollector = collector
    viewManager = views
    sessionManager = sessions
    searchIndex = index
    virtualDiskManager = node.reference("virtualDiskManager")
    fileManager = node.reference("fileManager")
    customFieldsManager = node.reference("customFieldsManager")
  }
}
