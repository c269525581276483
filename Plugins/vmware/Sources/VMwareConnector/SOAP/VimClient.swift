import ConnectorProtocol
import Foundation
import Synchronization

/// Calls methods of the vim25 API, within one session that is renewed when the server has forgotten it.
final class VimClient: Sendable {
  /// The newest version of the API that this connector is written against.
  static let newest = "7.0"

  let web: WebClient
  let content: ServiceContent
  private let credentials: Credentials
  private let action: String
  private let session = SessionKeeper()

  private init(web: WebClient, content: ServiceContent, credentials: Credentials) {
    self.web = web
    self.content = content
    self.credentials = credentials
    let version = content.apiVersion.compare(Self.newest, options: .numeric) == .orderedAscending
    action = "urn:vim25/" + (version ? content.apiVersion : Self.newest)
  }

  /// Reaches the server and logs in.
  static func connect(_ web: WebClient, _ credentials: Credentials) async throws -> VimClient {
    let client = VimClient(web: web, content: try await identify(web), credentials: credentials)
    try await client.logIn(replacing: nil)
    return client
  }

  /// Asks the server what it is; needs no account.
  static func identify(_ web: WebClient) async throws -> ServiceContent {
    let body = try VimWriter.envelope("RetrieveServiceContent", on: ServiceContent.serviceInstance, [:])
    let reply = try await web.soap(body, action: "urn:vim25/6.5", cookie: nil)
    let answer: XMLNode
    do {
      answer = try Self.answer(reply, web, "RetrieveServiceContent")
    } catch let fault as VimFault {
      throw Failure.fault(fault, doing: "Asking \(web.server) what it is", outcome: .none)
    }
    guard let value = answer["returnval"], let content = ServiceContent(value) else {
      throw Failure.notVSphere(web.server, "its answer holds no service content")
    }
    return content
  }

  /// The session's cookie, for uploads and downloads beside the API.
  var cookie: String? { session.cookie }

  /// Calls a method; the response element.
  ///
  /// Where the server has forgotten the session, logs in again and calls once more: nothing was done then.
  ///
  /// - Throws: `VimFault` for what the server refuses; `ConnectorError` for what keeps it from answering.
  @discardableResult
  func call(_ method: String, on this: MoRef, _ parameters: [String: VimValue?] = [:]) async throws -> XMLNode {
    let cookie = session.cookie
    do {
      return try await once(method, on: this, parameters, cookie: cookie)
    } catch let fault as VimFault where fault.isUnauthenticated {
      try await logIn(replacing: cookie)
      return try await once(method, on: this, parameters, cookie: session.cookie)
    }
  }

  @discardableResult
  private func once(
    _ method: String, on this: MoRef, _ parameters: [String: VimValue?], cookie: String?, header: String = ""
  ) async throws -> XMLNode {
    let body = try VimWriter.envelope(method, on: this, parameters, header: header)
    let reply = try await web.soap(body, action: action, cookie: cookie)
    if let given = reply.sessionCookie { session.keep(given) }
    return try Self.answer(reply, web, method)
  }

  /// - Throws: `VimFault` for status 500 with a fault; 401 is a forgotten session too.
  private static func answer(_ reply: WebClient.Reply, _ web: WebClient, _ method: String) throws -> XMLNode {
    switch reply.status {
    case 200, 500: break
    case 401: throw VimFault("NotAuthenticated", "the server answered with HTTP status 401")
    case 404: throw Failure.notVSphere(web.server, "there is no \(WebClient.soapPath)")
    default: throw Failure.status(reply.status, web.server, method)
    }
    let root: XMLNode
    do {
      root = try XMLTree.parse(reply.body)
    } catch {
      throw Failure.notVSphere(web.server, "its answer to \(method) cannot be read: \(error)")
    }
    guard let body = root["Body"], let first = body.children.first else {
      throw Failure.notVSphere(web.server, "its answer to \(method) is no SOAP envelope")
    }
    if first.name == "Fault" { throw VimFault(soap: first) }
    return first
  }

  // MARK: Session

  /// Logs in, unless another call has done so since `stale` was the cookie.
  private func logIn(replacing stale: String?) async throws {
    try await session.renew(replacing: stale) { [self] in
      do {
        switch credentials {
        case .password(let user, let password):
          try await once(
            "Login", on: content.sessionManager, ["userName": .text(user), "password": .text(password)], cookie: nil)
        case .token(let assertion):
          try await once(
            "LoginByToken", on: content.sessionManager, [:], cookie: nil,
            header: SecurityHeader.text(assertion: assertion))
        }
      } catch let fault as VimFault {
        throw Failure.login(fault, web.server, credentials, again: stale != nil)
      }
    }
  }

  /// Tells the server that the session is still wanted; its idle limit is half an hour where nobody has changed it.
  func stayAwake() async {
    _ = try? await call("CurrentTime", on: ServiceContent.serviceInstance)
  }

  func logOut() async {
    guard let cookie = session.cookie else { return }
    _ = try? await once("Logout", on: content.sessionManager, [:], cookie: cookie)
  }
}

/// Who the server takes us for.
enum Credentials: Sendable {
  case password(user: String, String)
  /// A SAML 2.0 bearer assertion of the server's single sign-on service, as it was given.
  case token(String)

  var user: String? {
    if case .password(let user, _) = self { user } else { nil }
  }
}

/// The cookie of the session, renewed by one call at a time.
private final class SessionKeeper: Sendable {
  private let current = Mutex<String?>(nil)
  private let gate = Gate()

  var cookie: String? { current.withLock { $0 } }

  func keep(_ cookie: String) { current.withLock { $0 = cookie } }

  func renew(replacing stale: String?, _ logIn: @escaping @Sendable () async throws -> Void) async throws {
    try await gate.run { [self] in
      guard cookie == stale else { return }
      current.withLock { $0 = nil }
      try await logIn()
    }
  }

  /// Lets one task through at a time.
  private actor Gate {
    private var busy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func run(_ body: @escaping @Sendable () async throws -> Void) async throws {
      while busy { await withCheckedContinuation { waiting.append($0) } }
      busy = true
      defer {
        busy = false
        for next in waiting { next.resume() }
        waiting = []
      }
      try await body()
    }
  }
}
