import ConnectorProtocol
import Foundation
import Testing

@testable import VMwareConnector

@Suite struct XMLTreeTests {
  private func parse(_ text: String, limits: XMLTree.Limits = XMLTree.Limits()) throws -> XMLNode {
    try XMLTree.parse(Data(text.utf8), limits: limits)
  }

  /// Servers are free in what they call the namespace of `xsi:type`.
  @Test(arguments: ["xsi", "XMLSchema-instance", "p7"])
  func typesAreFoundByNamespace(_ prefix: String) throws {
    let node = try parse(
      """
      <val xmlns:\(prefix)="http://www.w3.org/2001/XMLSchema-instance" xmlns:v="urn:vim25" type="VirtualMachine" \
      \(prefix):type="v:ManagedObjectReference">vm-42</val>
      """)
    #expect(node.type == "ManagedObjectReference")
    #expect(node.reference == MoRef("VirtualMachine", "vm-42"))
  }

  @Test(arguments: [
    "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", "<a>", "", "text",
    "<a>&undeclared;</a>",
  ])
  func whatIsNoPlainDocumentIsRefused(_ text: String) {
    #expect(throws: XMLTree.Fault.self) { try parse(text) }
  }

  /// One without data would end the process in the parser.
  @Test func processingInstructionsDoNoHarm() throws {
    #expect(try parse("<?x?><a><?y?>b</a>").text.trimmingCharacters(in: .whitespaces) == "b")
  }

  @Test func boundsHold() {
    let deep = String(repeating: "<a>", count: 80) + String(repeating: "</a>", count: 80)
    #expect(throws: XMLTree.Fault.self) { try parse(deep) }
    let wide = "<a>" + String(repeating: "<b/>", count: 50) + "</a>"
    #expect(throws: XMLTree.Fault.self) { try parse(wide, limits: .init(elements: 10)) }
    #expect(throws: XMLTree.Fault.self) { try parse(wide, limits: .init(bytes: 10)) }
  }

  @Test func faultsAreNamedByTheirClass() throws {
    let text = """
      <soapenv:Fault xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" \
      xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><faultcode>ServerFaultCode</faultcode>\
      <faultstring>Permission was denied.</faultstring><detail><NoPermissionFault xmlns="urn:vim25" \
      xsi:type="NoPermission"><privilegeId>VApp.Import</privilegeId></NoPermissionFault></detail></soapenv:Fault>
      """
    let fault = VimFault(soap: try parse(text))
    #expect(fault.name == "NoPermission")
    let error = Failure.fault(fault, doing: "Importing 'x'", outcome: .none)
    #expect(error.reason == .permissionDenied)
    #expect(error.details["missing"] == ["VApp.Import"])
    #expect(error.message.hasPrefix("Importing 'x' failed: Permission was denied."))
    #expect(error.remedy != nil)
  }

  @Test(arguments: [
    ("NoDiskSpace", ErrorReason.capacityExhausted), ("DuplicateName", .nameTaken),
    ("InvalidDatastore", .mappingInvalid),
    ("RestrictedVersion", .permissionDenied), ("TaskInProgress", .platformUnavailable),
    ("VirtualHardwareVersionNotSupported", .guestUnsupported), ("InMaintenanceMode", .mappingInvalid),
    ("SomethingNew", .platformTaskFailed),
  ])
  func everyFaultHasAReasonAndARemedy(_ name: String, _ reason: ErrorReason) {
    let error = Failure.fault(VimFault(name, "it said no"), doing: "Making 'x'")
    #expect(error.reason == reason)
    #expect(error.remedy?.isEmpty == false)
    #expect(error.provider?.code == name)
  }
}
