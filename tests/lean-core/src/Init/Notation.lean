prelude
import Init.Syntax
/-! More native notation and tactics; see `Init.Syntax`. -/
set_option autoImplicit false

-- Priorities and precedences by name
@[prio_parser 1000, extern "x"] opaque prioLow : Lean.ParserDescr
@[macro prioLow, extern "x"] opaque _aux_Init_Notation___macroRules_prioLow_1 : Lean.Macro
@[prio_parser 1000, extern "x"] opaque prioMid : Lean.ParserDescr
@[macro prioMid, extern "x"] opaque _aux_Init_Notation___macroRules_prioMid_1 : Lean.Macro
@[prio_parser 1000, extern "x"] opaque prioDefault : Lean.ParserDescr
@[macro prioDefault, extern "x"] opaque _aux_Init_Notation___macroRules_prioDefault_1 : Lean.Macro
@[prio_parser 1000, extern "x"] opaque prioHigh : Lean.ParserDescr
@[macro prioHigh, extern "x"] opaque _aux_Init_Notation___macroRules_prioHigh_1 : Lean.Macro
@[prio_parser 1000, extern "x"] opaque «prio(_)» : Lean.ParserDescr
@[macro «prio(_)», extern "x"] opaque «_aux_Init_Notation___macroRules_prio(_)_1» : Lean.Macro
@[prec_parser 1000, extern "x"] opaque precMax : Lean.ParserDescr
@[macro precMax, extern "x"] opaque _aux_Init_Notation___macroRules_precMax_1 : Lean.Macro
@[prec_parser 1000, extern "x"] opaque precArg : Lean.ParserDescr
@[macro precArg, extern "x"] opaque _aux_Init_Notation___macroRules_precArg_1 : Lean.Macro
@[prec_parser 1000, extern "x"] opaque precLead : Lean.ParserDescr
@[macro precLead, extern "x"] opaque _aux_Init_Notation___macroRules_precLead_1 : Lean.Macro
@[prec_parser 1000, extern "x"] opaque precMin : Lean.ParserDescr
@[macro precMin, extern "x"] opaque _aux_Init_Notation___macroRules_precMin_1 : Lean.Macro
@[prec_parser 1000, extern "x"] opaque precMin1 : Lean.ParserDescr
@[macro precMin1, extern "x"] opaque _aux_Init_Notation___macroRules_precMin1_1 : Lean.Macro
@[prec_parser 1000, extern "x"] opaque «prec(_)» : Lean.ParserDescr
@[macro «prec(_)», extern "x"] opaque «_aux_Init_Notation___macroRules_prec(_)_1» : Lean.Macro

-- Term notation
@[term_parser 1000, extern "x"] opaque «term_⊕_» : Lean.TrailingParserDescr
@[macro «term_⊕_», extern "x"] opaque «_aux_Init_Core___macroRules_term_⊕__1» : Lean.Macro
@[term_parser 1000, extern "x"] opaque «term_⊕'_» : Lean.TrailingParserDescr
@[macro «term_⊕'_», extern "x"] opaque «_aux_Init_Core___macroRules_term_⊕'__1» : Lean.Macro
@[term_parser 1000, extern "x"] opaque «term_×'_» : Lean.TrailingParserDescr
@[macro «term_×'_», extern "x"] opaque «_aux_Init_Notation___macroRules_term_×'__1» : Lean.Macro
@[term_parser 1000, extern "x"] opaque «termΣ_,_» : Lean.ParserDescr
@[macro «termΣ_,_», extern "x"] opaque «_aux_Init_NotationExtra___macroRules_termΣ_,__1» : Lean.Macro
@[term_parser 1000, extern "x"] opaque «termΣ'_,_» : Lean.ParserDescr
@[macro «termΣ'_,_», extern "x"] opaque «_aux_Init_NotationExtra___macroRules_termΣ'_,__1» : Lean.Macro
@[term_parser 1000, extern "x"] opaque «term{_:_//_}» : Lean.ParserDescr
@[macro «term{_:_//_}», extern "x"] opaque «_aux_Init_Notation___macroRules_term{_:_//_}_1» : Lean.Macro
@[term_parser 1000, extern "x"] opaque «term‹_›» : Lean.ParserDescr
@[macro «term‹_›», extern "x"] opaque «_aux_Init_Tactics___macroRules_term‹_›_1» : Lean.Macro
@[term_parser 1000, extern "x"] opaque «term_≍_» : Lean.TrailingParserDescr
@[macro «term_≍_», extern "x"] opaque «_aux_Init_Notation___macroRules_term_≍__1» : Lean.Macro
@[term_parser 1000, extern "x"] opaque «term_!=_» : Lean.TrailingParserDescr
@[macro «term_!=_», extern "x"] opaque «_aux_Init_Core___macroRules_term_!=__1» : Lean.Macro
@[macro «term_!=_», extern "x"] opaque «_aux_Init_Core___macroRules_term_!=__2» : Lean.Macro
@[term_parser 1000, extern "x"] opaque «term_∪_» : Lean.TrailingParserDescr
@[macro «term_∪_», extern "x"] opaque «_aux_Init_Core___macroRules_term_∪__1» : Lean.Macro
@[term_parser 1000, extern "x"] opaque «term_∩_» : Lean.TrailingParserDescr
@[macro «term_∩_», extern "x"] opaque «_aux_Init_Core___macroRules_term_∩__1» : Lean.Macro
@[term_parser 1000, extern "x"] opaque «term_⊆_» : Lean.TrailingParserDescr
@[macro «term_⊆_», extern "x"] opaque «_aux_Init_Core___macroRules_term_⊆__1» : Lean.Macro
@[term_parser 1000, extern "x"] opaque «term∅» : Lean.ParserDescr
@[macro «term∅», extern "x"] opaque «_aux_Init_Core___macroRules_term∅_1» : Lean.Macro
@[term_parser 1000, extern "x"] opaque «term{}» : Lean.ParserDescr
@[macro «term{}», extern "x"] opaque «_aux_Init_Core___macroRules_term{}_1» : Lean.Macro
@[term_parser 1000, extern "x"] opaque «term_\_» : Lean.TrailingParserDescr
@[macro «term_\_», extern "x"] opaque «_aux_Init_Core___macroRules_term_\__1» : Lean.Macro
@[term_parser 1000, extern "x"] opaque termIfLet : Lean.ParserDescr
@[macro termIfLet, extern "x"] opaque _aux_Init_Notation___macroRules_termIfLet_1 : Lean.Macro
@[term_parser 1000, extern "x"] opaque Lean.«term_Matches_|» : Lean.TrailingParserDescr
@[macro Lean.«term_Matches_|», extern "x"] opaque Lean.«_aux_Init_NotationExtra___macroRules_Lean_term_Matches_|_1» : Lean.Macro
@[term_parser 1000, extern "x"] opaque «term_>>=_» : Lean.TrailingParserDescr
@[macro «term_>>=_», extern "x"] opaque «_aux_Init_Notation___macroRules_term_>>=__1» : Lean.Macro
@[term_parser 1000, extern "x"] opaque «term_<$>_» : Lean.TrailingParserDescr
@[macro «term_<$>_», extern "x"] opaque «_aux_Init_Notation___macroRules_term_<$>__1» : Lean.Macro
@[term_parser 1000, extern "x"] opaque «term_<|>_» : Lean.TrailingParserDescr
@[macro «term_<|>_», extern "x"] opaque «_aux_Init_Notation___macroRules_term_<|>__1» : Lean.Macro

-- Tactics
@[extern "x"] opaque Lean.Parser.Tactic.SolveByElim.star : Lean.ParserDescr
@[extern "x"] opaque Lean.Parser.Tactic.SolveByElim.erase : Lean.ParserDescr
@[extern "x"] opaque Lean.Parser.Tactic.SolveByElim.arg : Lean.ParserDescr
@[extern "x"] opaque Lean.Parser.Tactic.SolveByElim.args : Lean.ParserDescr
@[extern "x"] opaque Lean.Parser.Tactic.SolveByElim.using_ : Lean.ParserDescr
@[extern "x"] opaque Lean.Parser.Tactic.clearValueArg : Lean.ParserDescr
@[extern "x"] opaque Lean.Parser.Tactic.clearValueHyp : Lean.ParserDescr
@[extern "x"] opaque Lean.Parser.Tactic.clearValueStar : Lean.ParserDescr
@[tactic_parser 1000, extern "x"] opaque Lean.Parser.Tactic.solveByElim : Lean.ParserDescr
@[tactic_parser 1000, extern "x"] opaque Lean.Parser.Tactic.applyAssumption : Lean.ParserDescr
@[tactic_parser 1000, extern "x"] opaque Lean.Parser.Tactic.applyRules : Lean.ParserDescr
@[tactic_parser 1000, extern "x"] opaque Lean.Parser.Tactic.replace : Lean.ParserDescr
@[tactic_parser 1000, extern "x"] opaque Lean.Parser.Tactic.showTerm : Lean.ParserDescr
@[tactic_parser 1000, extern "x"] opaque Lean.Parser.Tactic.tacticIterate____ : Lean.ParserDescr
@[macro Lean.Parser.Tactic.tacticIterate____, extern "x"] opaque Lean.Parser.Tactic._aux_Init_TacticsExtra___macroRules_Lean_Parser_Tactic_tacticIterate_____1 : Lean.Macro
@[tactic_parser 1000, extern "x"] opaque Lean.Parser.Tactic.tacticErw___ : Lean.ParserDescr
@[macro Lean.Parser.Tactic.tacticErw___, extern "x"] opaque Lean.Parser.Tactic._aux_Init_Meta___macroRules_Lean_Parser_Tactic_tacticErw____1 : Lean.Macro
@[tactic_parser 1000, extern "x"] opaque Lean.Parser.Tactic.clearValue : Lean.ParserDescr
@[tactic_parser 1000, extern "x"] opaque Lean.Parser.Tactic.extractLets : Lean.ParserDescr
@[tactic_parser 1000, extern "x"] opaque Lean.Parser.Tactic.liftLets : Lean.ParserDescr
@[tactic_parser 1000, extern "x"] opaque Lean.Parser.Tactic.funCases : Lean.ParserDescr
@[tactic_parser 1000, extern "x"] opaque Lean.Parser.Tactic.funInduction : Lean.ParserDescr
@[tactic_parser 1000, extern "x"] opaque Lean.Parser.Tactic.simpArith : Lean.ParserDescr
@[tactic_parser 1000, extern "x"] opaque Lean.Parser.Tactic.guardHyp : Lean.ParserDescr
@[tactic_parser 1000, extern "x"] opaque Lean.Parser.Tactic.guardTarget : Lean.ParserDescr
@[tactic_parser 1000, extern "x"] opaque Lean.Parser.Tactic.dbgTrace : Lean.ParserDescr
@[tactic_parser 1000, extern "x"] opaque Lean.Elab.Tactic.Ext.ext : Lean.ParserDescr
@[tactic_parser 1000, extern "x"] opaque Lean.Elab.Tactic.Ext.tacticExt1___ : Lean.ParserDescr
@[macro Lean.Elab.Tactic.Ext.tacticExt1___, extern "x"] opaque Lean.Elab.Tactic.Ext._aux_Init_Ext___macroRules_Lean_Elab_Tactic_Ext_tacticExt1____1 : Lean.Macro
@[tactic_parser 1000, extern "x"] opaque Lean.Elab.Tactic.Ext.applyExtTheorem : Lean.ParserDescr
@[tactic_parser 1000, extern "x"] opaque Lean.solveTactic : Lean.ParserDescr
@[macro Lean.solveTactic, extern "x"] opaque Lean._aux_Init_NotationExtra___macroRules_Lean_solveTactic_1 : Lean.Macro
@[tactic_parser 1000, extern "x"] opaque Lean.Parser.Tactic.constructorBang : Lean.ParserDescr
@[macro Lean.Parser.Tactic.constructorBang, extern "x"] opaque Lean.Parser.Tactic._aux_Init_Meta___macroRules_Lean_Parser_Tactic_constructorBang_1 : Lean.Macro
@[tactic_parser 1000, extern "x"] opaque Lean.Parser.Tactic.tacDepIfThenElse : Lean.ParserDescr
@[macro Lean.Parser.Tactic.tacDepIfThenElse, extern "x"] opaque Lean.Parser.Tactic._aux_Init_TacticsExtra___macroRules_Lean_Parser_Tactic_tacDepIfThenElse_1 : Lean.Macro
@[tactic_parser 1000, extern "x"] opaque Lean.Parser.Tactic.tacIfThenElse : Lean.ParserDescr
@[macro Lean.Parser.Tactic.tacIfThenElse, extern "x"] opaque Lean.Parser.Tactic._aux_Init_TacticsExtra___macroRules_Lean_Parser_Tactic_tacIfThenElse_1 : Lean.Macro
@[tactic_parser 1000, extern "x"] opaque Lean.Parser.Tactic.tacticLet'__ : Lean.ParserDescr
@[macro Lean.Parser.Tactic.tacticLet'__, extern "x"] opaque Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticLet'___1 : Lean.Macro
@[tactic_parser 1000, extern "x"] opaque Lean.Parser.Tactic.tacticHaveI__ : Lean.ParserDescr
@[macro Lean.Parser.Tactic.tacticHaveI__, extern "x"] opaque Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticHaveI___1 : Lean.Macro
@[tactic_parser 1000, extern "x"] opaque Lean.Parser.Tactic.tacticLetI__ : Lean.ParserDescr
@[macro Lean.Parser.Tactic.tacticLetI__, extern "x"] opaque Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticLetI___1 : Lean.Macro
@[extern "x"] opaque Lean.Parser.Tactic.simpTraceArgsRest : Lean.ParserDescr
@[tactic_parser 1000, extern "x"] opaque Lean.Parser.Tactic.simpTrace : Lean.ParserDescr
@[tactic_parser 1000, extern "x"] opaque Lean.Parser.Tactic.rwaAt : Lean.ParserDescr
@[tactic_parser 1000, extern "x"] opaque Lean.Parser.Tactic.acNf0 : Lean.ParserDescr
@[tactic_parser 1000, extern "x"] opaque Lean.Parser.Tactic.tacticAc_nf_ : Lean.ParserDescr
@[macro Lean.Parser.Tactic.tacticAc_nf_, extern "x"] opaque Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticAc_nf__1 : Lean.Macro
@[term_parser 1000, extern "x"] opaque Lean.Parser.Tactic.by? : Lean.ParserDescr
@[macro Lean.Parser.Tactic.by?, extern "x"] opaque Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_by?_1 : Lean.Macro
@[term_parser 1000, extern "x"] opaque Lean.Parser.Tactic.showTermElab : Lean.ParserDescr
@[macro Lean.Parser.Tactic.showTermElab, extern "x"] opaque Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_showTermElab_1 : Lean.Macro
@[attr_parser 1000, extern "x"] opaque Lean.Parser.Attr.ext : Lean.ParserDescr
@[attr_parser 1000, extern "x"] opaque Lean.Parser.Attr.extIff : Lean.ParserDescr
@[attr_parser 1000, extern "x"] opaque Lean.Parser.Attr.extFlat : Lean.ParserDescr
@[tactic_parser 1000, extern "x"] opaque Lean.Parser.Tactic.bvDecide : Lean.ParserDescr
@[tactic_parser 1000, extern "x"] opaque «tactic∎» : Lean.ParserDescr
@[macro «tactic∎», extern "x"] opaque «_aux_Init_Try___macroRules_tactic∎_1» : Lean.Macro
@[term_parser 1000, extern "x"] opaque boolIfThenElse : Lean.ParserDescr
@[macro boolIfThenElse, extern "x"] opaque _aux_Init_Notation___macroRules_boolIfThenElse_1 : Lean.Macro

-- Pretty printing
@[app_unexpander HAppend.hAppend, extern "x"] opaque _aux_Init_Notation___unexpand_HAppend_hAppend_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander HDiv.hDiv, extern "x"] opaque _aux_Init_Notation___unexpand_HDiv_hDiv_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander HMod.hMod, extern "x"] opaque _aux_Init_Notation___unexpand_HMod_hMod_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander List.cons, extern "x"] opaque _aux_Init_Notation___unexpand_List_cons_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Membership.mem, extern "x"] opaque _aux_Init_Notation___unexpand_Membership_mem_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Dvd.dvd, extern "x"] opaque _aux_Init_Notation___unexpand_Dvd_dvd_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander BEq.beq, extern "x"] opaque _aux_Init_Notation___unexpand_BEq_beq_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Bool.and, extern "x"] opaque _aux_Init_Notation___unexpand_Bool_and_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Bool.or, extern "x"] opaque _aux_Init_Notation___unexpand_Bool_or_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Bool.not, extern "x"] opaque _aux_Init_Notation___unexpand_Bool_not_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Function.comp, extern "x"] opaque _aux_Init_Notation___unexpand_Function_comp_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander HEq, extern "x"] opaque _aux_Init_Notation___unexpand_HEq_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Prod, extern "x"] opaque _aux_Init_Notation___unexpand_Prod_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander ite, extern "x"] opaque unexpandIte : Lean.PrettyPrinter.Unexpander
@[app_unexpander List.nil, extern "x"] opaque unexpandListNil : Lean.PrettyPrinter.Unexpander
@[app_unexpander List.cons, extern "x"] opaque unexpandListCons : Lean.PrettyPrinter.Unexpander
@[app_unexpander Prod.mk, extern "x"] opaque unexpandProdMk : Lean.PrettyPrinter.Unexpander
@[app_unexpander Unit.unit, extern "x"] opaque unexpandUnit : Lean.PrettyPrinter.Unexpander
