import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import VMwareConnector

@Suite struct VimOrderTests {
  /// The same API as another client knows it: pyVmomi declares every class and method with its properties in order.
  @Test(.enabled(if: Simulator.hasPython, "needs scripts/test-tools"))
  func ordersAreThoseOfPyVmomi() async throws {
    let result = try await tool(Simulator.python, [Simulator.endpoints + "/api_orders.py"])
    #expect(result.code == 0, "\(result.error)")
    let known = try JSONDecoder().decode([String: [String: [String]]].self, from: Data(result.output.utf8))
    for type in VimOrder.types.keys.sorted() {
      let ours = try VimOrder.properties(of: type).map(String.init)
      let theirs = try #require(known["types"]?[type], "pyVmomi has no \(type)")
      // It is of a newer API: what was added since stands between and is left out here.
      #expect(theirs.filter(Set(ours).contains) == ours, "\(type)")
    }
    for method in VimOrder.methods.keys.sorted() {
      let ours = try VimOrder.parameters(of: method).map(String.init)
      let theirs = try #require(known["methods"]?[method], "pyVmomi has no \(method)")
      #expect(theirs.filter(Set(ours).contains) == ours, "\(method)")
    }
  }

  @Test func elementsComeInOrderWhateverTheOrderTheyWereSetIn() throws {
    var spec = VimObject("VirtualMachineConfigSpec")
    for name in ["firmware", "extraConfig", "deviceChange", "memoryMB", "numCPUs", "files", "guestId", "name"] {
      spec[name] = .text("x")
    }
    let text = String(
      decoding: try VimWriter.envelope("ReconfigVM_Task", on: MoRef("VirtualMachine", "vm-1"), ["spec": .object(spec)]),
      as: UTF8.self)
    let places = ["name", "guestId", "files", "numCPUs", "memoryMB", "deviceChange", "extraConfig", "firmware"]
      .map { text.range(of: "<\($0)>")?.lowerBound }
    #expect(places.allSatisfy { $0 != nil })
    #expect(places.compactMap(\.self) == places.compactMap(\.self).sorted())
  }

  @Test func whatTheTablesDoNotKnowIsNotSent() {
    #expect(throws: ConnectorError.self) {
      try VimWriter.envelope(
        "ReconfigVM_Task", on: MoRef("VirtualMachine", "vm-1"),
        ["spec": .object(VimObject("VirtualMachineConfigSpec", ["memory": 1]))])
    }
    #expect(throws: ConnectorError.self) { try VimWriter.envelope("Nothing", on: MoRef("A", "b"), [:]) }
    #expect(throws: ConnectorError.self) {
      try VimWriter.envelope(
        "ReconfigVM_Task", on: MoRef("VirtualMachine", "vm-1"), ["spec": .object(VimObject("NoSuchClass"))])
    }
  }

  @Test func valuesAreTypedAndEscaped() throws {
    let option = VimObject("OptionValue", ["key": "a&b", "value": .text("<x>\"\u{1}\u{2028}")])
    let spec = VimObject("VirtualMachineConfigSpec", ["extraConfig": .list([.object(option)])])
    let text = String(
      decoding: try VimWriter.envelope(
        "ReconfigVM_Task", on: MoRef("VirtualMachine", "a<b"), ["spec": .object(spec)]), as: UTF8.self)
    #expect(text.contains(#"<_this type="VirtualMachine">a&lt;b</_this>"#))
    #expect(text.contains(#"<extraConfig xsi:type="OptionValue"><key>a&amp;b</key>"#))
    #expect(text.contains("<value xsi:type=\"xsd:string\">&lt;x&gt;&quot;\u{FFFD}\u{2028}</value>"))
    let tree = try XMLTree.parse(Data(text.utf8))
    #expect(tree.at("Body.ReconfigVM_Task.spec.extraConfig")?.string("key") == "a&b")
  }
}
