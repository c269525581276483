import ConnectorKit
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import VMwareConnector

@Suite struct SettingsTests {
  private func problems(_ connection: JSONValue) -> [String] {
    var found: [String] = []
    _ = Settings(connection) { found.append($0.at ?? "") }
    return found.sorted()
  }

  @Test(arguments: [
    ("vc.example.org", "https://vc.example.org"), ("https://vc.example.org/sdk", "https://vc.example.org"),
    ("https://10.0.0.1:8443/", "https://10.0.0.1:8443"),
  ])
  func addressesAreBroughtIntoOneForm(_ text: String, _ server: String) throws {
    #expect(try Settings.read(["url": .string(text)]).url == server)
  }

  @Test func wrongSettingsPointAtThemselves() {
    #expect(problems([:]) == ["/url"])
    #expect(problems(["url": "http://vc"]) == ["/url"])
    #expect(problems(["url": "https://user:word@vc"]) == ["/url"])
    #expect(problems(["url": "vc", "delivery": "pigeon"]) == ["/delivery"])
    #expect(problems(["url": "vc", "diskProvisioning": 3]) == ["/diskProvisioning"])
    #expect(problems(["url": "vc", "thumbprint": "ab:cd"]) == ["/thumbprint"])
    #expect(problems(["url": "vc", "caFile": "ca.pem"]) == ["/caFile"])
    #expect(problems(["url": "vc", "colour": "blue"]) == ["/colour"])
    #expect(problems(["delivery": "ova"]) == ["/folder"])
    #expect(problems(["delivery": "ova", "folder": "/srv"]).isEmpty)
  }

  @Test func tokensAreXMLOrBase64() throws {
    let assertion = #"<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1"></saml2:Assertion>"#
    let settings = try Settings.read(["url": "vc"])
    for token in [assertion, Data(assertion.utf8).base64EncodedString()] {
      guard case .token(let found) = try settings.credentials(["/ssoToken": token]) else {
        Issue.record("no token")
        continue
      }
      #expect(found == assertion)
    }
    #expect(throws: ConnectorError.self) { try settings.credentials(["/ssoToken": assertion + "<a/>"]) }
    #expect(throws: ConnectorError.self) { try settings.credentials(["/ssoToken": "nonsense"]) }
    #expect(throws: ConnectorError.self) { try settings.credentials(["/password": "x"]) }
    #expect(SecurityHeader.text(assertion: assertion).contains(assertion))
  }

  @Test func theFormNamesEverySettingThatIsRead() throws {
    let properties = ConfigForm.connection["properties"]?.objectValue ?? [:]
    #expect(Set(properties.keys) == Settings.names.union(["password", "ssoToken"]))
    #expect(properties.filter { $0.value["writeOnly"] == true }.keys.sorted() == ["password", "ssoToken"])
  }
}
